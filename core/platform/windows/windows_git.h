#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_GIT_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_GIT_H_

#include <chrono>
#include <string>
#include <vector>

#include "core/host/facts.h"

// What lies behind a `.git` on Windows: the rules of core/platform/posix/git_layout.h over Windows paths.

namespace paddock {

struct WindowsGitInputs {
  std::string workspace;  // real path
  std::string home;       // for "~/" in configuration; empty: such paths are left out
  // The configuration files of the user and the machine, which may name hooks relative to any repository.
  std::vector<std::string> global_configs;
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

// The repository or worktree whose `.git` lies in `root`, a real path; facts as LookAtRepository() of git_layout.h has
// them. A path that leads through the workspace and whose final path differs from it by more than case is distrusted
// like a link: a junction does that, and so does a short name. Paths on shares and in distributions outside of the
// workspace are not looked at, and who leads there is distrusted.
RepositoryFacts LookAtWindowsRepository(const std::string& root, const WindowsGitInputs& inputs);

// Every path by which git could be led to run something of its repository's own, whether it exists or not. Sorted, each
// once.
std::vector<std::string> GuardedWindowsGitPaths(const RepositoryFacts& repository);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_GIT_H_
