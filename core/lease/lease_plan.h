#ifndef PADDOCK_CORE_LEASE_LEASE_PLAN_H_
#define PADDOCK_CORE_LEASE_LEASE_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"

// What a plan orders of leases: entries on access control lists, as data, with symbols for the SIDs. Paths are absolute
// Windows paths in WTF-8.

namespace paddock {

enum class AceScope : uint8_t {
  kObject,  // this object alone
  kTree,    // this object, and as an inherited entry everything below it
  kBelow,   // as an inherited entry everything below it, and not this object
};

// One entry that a lease adds to a DACL, in its canonical place.
struct AceChange {
  std::string path;
  std::string ace;  // SDDL: "(A;OICI;0x1301bf;;;{capability})"
  AceScope scope = AceScope::kObject;
  bool directory = true;  // what `path` is
  // Only where the user may delete each child by DELETE on the child itself; else left out, and said so.
  bool if_children_grant_delete = false;
  std::string rule;  // the policy's rule that it holds
  // Nothing that the entries above grant comes down to `path`: it has those of its own alone. For a package, which
  // denials do not bind.
  bool cut_off = false;
  friend bool operator==(const AceChange&, const AceChange&) = default;
};

// A protected name that does not exist.
struct AbsentName {
  std::string path;
  // A hidden directory of this name stands there while a run lasts; else what the run made of the name is taken away
  // after it, into quarantine.
  bool placeholder = false;
  // SDDL, what the placeholder gets besides what it inherits: from its directory it has a grant, with which the command
  // could put something else in its place. Goes with it, and is no part of a lease.
  std::string ace;
  std::string rule;
  friend bool operator==(const AbsentName&, const AbsentName&) = default;
};

// A writable tree, and its lease. Two plans share a lease where `path` and `changes` are the same.
struct WritableRoot {
  std::string path;
  std::string capability;  // the symbol
  std::vector<AceChange> changes;
  std::vector<AbsentName> absent;
  friend bool operator==(const WritableRoot&, const WritableRoot&) = default;
};
Json ToJson(const WritableRoot& root);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_PLAN_H_
