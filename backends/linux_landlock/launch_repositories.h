#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_REPOSITORIES_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_REPOSITORIES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/host/facts.h"
#include "core/report/outcome.h"

namespace paddock {

// Finds the git repositories that a run made or moved below `root`, the workspace's real path, which looked like
// `before` ahead of the run: allowed, and reported, since the host's git runs the hooks of whatever repository it
// stands in. The root's own `.git` is watched by name (Watch).
//
// Only what changed is read again: a directory whose inode or ctime is another one. A new entry changes its directory's
// ctime, which no call sets. `held` are absolute paths that the run could not write below: Paddock's own placeholders.
//
// Adds the `.git` of each to result->left_behind, 100 at most, and a notice for the rest, and for what could not be
// looked at. Follows no link.
void FindNewRepositories(const std::string& root, const SeenTree& before, const std::vector<absl::string_view>& held,
                         RunResult* result);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_REPOSITORIES_H_
