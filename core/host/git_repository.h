#ifndef PADDOCK_CORE_HOST_GIT_REPOSITORY_H_
#define PADDOCK_CORE_HOST_GIT_REPOSITORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"

// What lies behind a `.git`: gitrepository-layout(5), git-worktree(1), git-submodule(1). Everything read here may have
// been written by the command of an earlier run; nothing of it is believed further than the host's git would.

namespace paddock {

// The files of a system, as a look at repositories asks for them. Paths are absolute.
class GitFiles {
 public:
  virtual ~GitFiles() = default;

  // ---- Paths as text ----
  virtual char separator() const = 0;
  // `text` as git reads it from `directory`, of which "" is not known; "" if that is no absolute path.
  virtual std::string PathFrom(const std::string& directory, absl::string_view text) const = 0;
  // Without "." and ".." and doubled separators, as text.
  virtual std::string Normal(const std::string& path) const = 0;
  // Two paths, or two names, as the system compares them.
  virtual bool Same(absl::string_view a, absl::string_view b) const = 0;
  // Whether `path` is `directory` or lies in it; yes where the text cannot tell.
  virtual bool IsWithin(const std::string& path, const std::string& directory) const = 0;

  // ---- Looks ----
  // Whether a look at `path` harms nobody: an earlier run may have written the name of a server. What may not be looked
  // at is not asked for by anything below but RealPath().
  virtual bool MayLook(const std::string& path) const = 0;
  virtual PathType TypeOf(const std::string& path) const = 0;  // a final link is not followed
  // With every link resolved; "" if it leads nowhere, or may not be looked at.
  virtual std::string RealPath(const std::string& path) const = 0;
  // A link in `workspace` that is crossed on the way to `path`; "" if there is none.
  virtual std::string LinkOnTheWay(const std::string& path, const std::string& workspace) const = 0;
  // A regular file of at most `most` bytes; of a link only with `follow`.
  virtual std::optional<std::string> Read(const std::string& path, size_t most, bool follow) const = 0;

  struct Entry {
    std::string path;  // below the directory
    std::string name;  // its last component
    bool directory = false;
  };
  // Everything below `directory`, directories before what is in them; of one `visit` says whether to enter it. Links
  // are not followed. False: not to its end. A directory that is not there, or is a link, holds nothing.
  virtual bool Walk(const std::string& directory, uint64_t most, absl::FunctionRef<bool(const Entry&)> visit) const = 0;
};

struct GitLookInputs {
  std::string workspace;  // real path
  std::string home;       // for "~/" in configuration; empty: such paths are left out
  // The configuration files of the user and the machine, which may name hooks relative to any repository.
  std::vector<std::string> global_configs;
};

// The repository or worktree whose `.git` lies in `root`, a real path. well_formed is `no`, with the reason as its
// source, when
//   - .git is a link, or is reached through one that lies in the workspace,
//   - .git is a file that does not say `gitdir: PATH`, or is longer than 8 KiB,
//   - PATH is no directory, or one without HEAD; the common directory has no objects or refs,
//   - commondir of a main repository leads elsewhere,
//   - a configuration file is longer than 1 MiB, so that what it includes is not known,
//   - something leads to a path that may not be looked at.
// git_dir and common_dir are filled in as far as they are known, also then.
//
// back_linked, for a .git file: yes if <git_dir>/gitdir names this .git (a worktree), or core.worktree in
// <git_dir>/config this directory (a submodule).
//
// include_targets: include.path, includeIf.*.path (every condition taken as true) and core.hooksPath that lie in the
// workspace, from the configuration of the repository, of the worktree, of the user, and from what these include.
RepositoryFacts LookAtGitRepository(const std::string& root, const GitLookInputs& inputs, const GitFiles& files);

// Every path by which git could be led to run something of its repository's own, whether it exists or not: the
// directories themselves, hooks, config, config.worktree, info, info/attributes, commondir, gitdir, modules, worktrees;
// of each worktree commondir, gitdir, config.worktree; of each module the same as of the repository; the include
// targets. Sorted, each once.
std::vector<std::string> GuardedGitPaths(const RepositoryFacts& repository, char separator);

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_GIT_REPOSITORY_H_
