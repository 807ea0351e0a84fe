#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LEASE_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LEASE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace paddock {

// What `paddock gc` did with one journal.
struct CollectedLease {
  std::string workspace;
  std::vector<std::string> removed;  // placeholders taken away
  std::vector<std::string> kept;     // no longer ours: somebody put something there
  bool live = false;                 // a run holds it: left alone
  std::string error;                 // a journal that could not be read was set aside under this name
};

// Undoes what crashed runs left, for every journal below `state_dir` that no live run holds. A missing state_dir is an
// empty list. Safe beside running sandboxes.
absl::StatusOr<std::vector<CollectedLease>> CollectLeases(const std::string& state_dir);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LEASE_H_
