#ifndef PADDOCK_CORE_WINDOWS_PLAN_GIT_NAMES_H_
#define PADDOCK_CORE_WINDOWS_PLAN_GIT_NAMES_H_

#include <string>
#include <vector>

#include "core/host/facts.h"

namespace paddock {

// The rule under which plans hold them; a policy that protects nothing (an empty deny_write) protects none.
inline constexpr char kGitNamesRule[] = "filesystem.deny_write .git (hooks, configuration)";

// What git on the host would execute, or be led by, for whoever may write it.
struct GitName {
  std::string path;
  bool directory = false;  // what git makes of the name, where it does not exist
  bool exists = false;     // whoever found the repository has seen it
};

// Of one repository: hooks and configuration of its git directories, of worktrees and submodules what leads to them,
// files that configuration names; of what is no repository, the `.git` alone. Leaves alone: with an inheritable denial
// on `.git` itself nobody could commit, since FETCH_HEAD, the index and refs are written anew each time.
std::vector<GitName> GitNamesOf(const RepositoryFacts& repository);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_PLAN_GIT_NAMES_H_
