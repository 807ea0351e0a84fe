#ifndef PADDOCK_CORE_PLATFORM_POSIX_WORKSPACE_PROBE_H_
#define PADDOCK_CORE_PLATFORM_POSIX_WORKSPACE_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/host/facts.h"
#include "core/platform/posix/mount_table.h"
#include "core/request/request.h"

namespace paddock {

struct WorkspaceProbeInputs {
  std::string home;         // absolute; empty if unknown
  std::string config_home;  // $XDG_CONFIG_HOME; empty: ~/.config
  // Absolute paths to look at beside the request's: kLinuxLandmarks and the like.
  std::vector<std::string> landmarks;
  std::string root;                        // put before /etc/gitconfig; "" is the host
  uint64_t max_entries = 2'000'000;        // visited in the workspace
  uint64_t max_entries_outside = 500'000;  // visited for each glob that starts outside of it
};

// Looks at the workspace and at every path that the request names. InvalidArgument if a path holds a NUL byte; what
// cannot be seen is a fact.
//
// paths      keyed by the path as the request has it: root, each literal rule, each match of a glob, and where one of
//            these is reached through a link, its real path too. For a rule inside a writable grant also every
//            directory between the grant and it. For each repository GuardedGitPaths(), with the directories between
//            workspace and include targets.
// globs      one walk of the workspace serves all of its patterns; a pattern that starts elsewhere gets a walk of its
//            own. Matches are real paths, but for their last component. Nothing inside a `.git` directory matches: a
//            pattern such as **/config means the checkout's files, and git's own are guarded by name.
// repositories  every `.git` in the workspace, and one at the top of each other writable grant. `root` and the
//            directories are real paths. On a case-insensitive file system ".GIT" counts as well.
// seen           what the walk of the workspace read, and every `.git` that it met.
// scan_complete  false if a walk ended early (see WalkResult), or was not made because planning refuses the workspace
//            anyway: "/", the home itself, or a directory above it.
absl::StatusOr<WorkspaceFacts> LookAtWorkspace(const Request& request, const MountTable& mounts,
                                               const WorkspaceProbeInputs& inputs);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_WORKSPACE_PROBE_H_
