#ifndef PADDOCK_CORE_LEASE_LEASE_STAMP_H_
#define PADDOCK_CORE_LEASE_LEASE_STAMP_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "core/lease/lease_aces.h"
#include "core/lease/lease_store.h"

// The entries of one capability on a tree: put, looked after, and taken away. Each step makes a list what it has to be
// whatever it was, so that all can be done again from the start after a crash.

namespace paddock {

struct StampTask {
  std::shared_ptr<AclFile> root;
  std::string path;
  access::Sid capability;
  std::vector<LeaseEntry> entries;  // of the capability; others are passed over
  int threads = 1;
  std::function<bool()> cancelled = nullptr;
  bool group = false;  // the capability is a group's, of which files hold other entries as well
};

// Stamps the whole tree. Returns whether each file was reached, but for those that this user may not change.
absl::StatusOr<bool> StampTree(const StampTask& task, WalkLog* log);

// Whether the root holds its entries: then a tree that was stamped is stamped.
absl::StatusOr<bool> RootHoldsEntries(const StampTask& task);

// Looks at each name that has an entry of its own, and stamps it, with what is below it, where the entry is not there:
// the name may have been made again since. Names that are gone are added to `absent`.
absl::Status StampNames(const StampTask& task, WalkLog* log, std::vector<const LeaseEntry*>* absent);

// Removes the entries of the capability below `root`; of a `group`, those that leases make. Returns whether all that
// this user may change are gone.
absl::StatusOr<bool> UnstampTree(std::shared_ptr<AclFile> root, const std::string& path, const access::Sid& capability,
                                 bool group, int threads, WalkLog* log);

// Opens `names` from `root` down, through no reparse point (FailedPrecondition).
absl::StatusOr<std::shared_ptr<AclFile>> OpenNames(std::shared_ptr<AclFile> root,
                                                   const std::vector<std::string>& names);

// Writes `dacl` in the place of `descriptor`'s list if it differs. True if it was written.
absl::StatusOr<bool> ReplaceDacl(AclFile& file, const access::SecurityDescriptor& descriptor, const access::Acl& dacl);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_STAMP_H_
