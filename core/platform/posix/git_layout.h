#ifndef PADDOCK_CORE_PLATFORM_POSIX_GIT_LAYOUT_H_
#define PADDOCK_CORE_PLATFORM_POSIX_GIT_LAYOUT_H_

#include <string>
#include <vector>

#include "core/host/facts.h"

// What lies behind a `.git`: gitrepository-layout(5), git-worktree(1), git-submodule(1). Everything read here may have
// been written by the command of an earlier run; nothing of it is believed further than the host's git would.

namespace paddock {

struct GitLookInputs {
  std::string workspace;  // real path
  std::string home;       // for "~/" in configuration; empty: such paths are left out
  // The configuration files of the user and the machine, which may name hooks relative to any repository.
  std::vector<std::string> global_configs;
};

// The repository or worktree whose `.git` lies in `root`, a real path. well_formed is `no`, with the reason as its
// source, when
//   - .git is a symbolic link, or is reached through one that lies in the workspace,
//   - .git is a file that does not say `gitdir: PATH`, or is longer than 8 KiB,
//   - PATH is no directory, or one without HEAD; the common directory has no objects or refs,
//   - commondir of a main repository leads elsewhere,
//   - a configuration file is longer than 1 MiB, so that what it includes is not known.
// git_dir and common_dir are filled in as far as they are known, also then.
//
// back_linked, for a .git file: yes if <git_dir>/gitdir names this .git (a worktree), or core.worktree in
// <git_dir>/config this directory (a submodule).
//
// include_targets: include.path, includeIf.*.path (every condition taken as true) and core.hooksPath that lie in the
// workspace, from the configuration of the repository, of the worktree, of the user, and from what these include.
RepositoryFacts LookAtRepository(const std::string& root, const GitLookInputs& inputs);

// Every path by which git could be led to run something of its repository's own, whether it exists or not: the
// directories themselves, hooks, config, config.worktree, info, info/attributes, commondir, gitdir, modules, worktrees;
// of each worktree commondir, gitdir, config.worktree; of each module the same as of the repository; the include
// targets. Sorted, each once.
std::vector<std::string> GuardedGitPaths(const RepositoryFacts& repository);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_GIT_LAYOUT_H_
