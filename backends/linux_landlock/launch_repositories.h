#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_REPOSITORIES_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_REPOSITORIES_H_

#include <time.h>

#include <string>
#include <vector>

#include "core/report/outcome.h"

namespace paddock {

// Finds the git repositories that a run made or moved below the workspace's root: allowed, and reported, since the
// host's git runs the hooks of whatever repository it stands in. The root's own `.git` is watched by name (Watch).
//
// Only directories that changed are read again: a new entry changes its directory's ctime, which nobody can set back.
class NewRepositories {
 public:
  // `root` is the workspace's real path; `directories` are those that the probe read below it, relative, and must
  // outlive this object. Takes the time: to be made before the command starts.
  NewRepositories(std::string root, const std::vector<std::string>& directories);

  // Adds the `.git` of each to result->left_behind, of which 100 at most, with a notice for the rest. Follows no link.
  void Compare(RunResult* result) const;

 private:
  std::string root_;
  const std::vector<std::string>& directories_;
  timespec start_ = {};
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_REPOSITORIES_H_
