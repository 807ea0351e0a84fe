#ifndef PADDOCK_BACKENDS_APPCONTAINER_PLAN_ENTRIES_H_
#define PADDOCK_BACKENDS_APPCONTAINER_PLAN_ENTRIES_H_

#include <string>

#include "core/lease/lease_plan.h"

// The entries of a package. All allow: the access check passes over denials for the SIDs of a lowbox token, so that
// what a package is not to have is left out, never denied.

namespace paddock {

// A tree to write. Its top can be neither deleted nor moved.
WritableRoot WriteRoot(const std::string& path, bool directory, const std::string& rule);
// A tree to read and to execute from.
WritableRoot ReadRoot(const std::string& path, bool directory, const std::string& rule);

// `path` in `root` is read and executed from, and not written; `hidden`: not read either.
void AddLeaf(WritableRoot& root, const std::string& path, bool directory, bool hidden, const std::string& rule);
// `path`, a directory above a leaf, stays where it is.
void AddWay(WritableRoot& root, const std::string& path, const std::string& rule);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_PLAN_ENTRIES_H_
