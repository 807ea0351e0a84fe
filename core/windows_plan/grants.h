#ifndef PADDOCK_CORE_WINDOWS_PLAN_GRANTS_H_
#define PADDOCK_CORE_WINDOWS_PLAN_GRANTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/windows_plan/places.h"

namespace paddock {

// A tree of the request, found on the host.
struct WindowsGrant {
  PathRule rule;
  std::string path;  // its final path
  PathFacts facts;
  bool directory() const { return facts.type != PathType::kFile; }
};

// What is asked of a grant besides that it is there.
struct GrantChecks {
  bool entries = true;  // entries are put on it: its volume has to be one that is known to keep them, and not synced
};

// Finds `rules`, adds each to `places`, and sorts them by path, so that a tree comes before what it holds.
// FailedPrecondition with a reason for what is missing (workspace_missing, grant_missing), is no tree
// (grant_not_a_tree), leads out of the workspace (grant_leaves_workspace), is the system or holds it
// (workspace_is_system), holds Paddock's own files or lies in them (grant_holds_paddock), and, with `entries`, lies
// where lists of access cannot be relied on (workspace_synced, grant_volume_unknown).
absl::StatusOr<std::vector<WindowsGrant>> FindGrants(const Request& request, const Facts& facts,
                                                     const std::vector<PathRule>& rules, const GrantChecks& checks,
                                                     Places* places);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_PLAN_GRANTS_H_
