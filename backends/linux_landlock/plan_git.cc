// What git on the host would execute for whoever may write it: hooks, and what configuration names. Index, refs and
// objects stay writable, or nobody could commit.

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr char kRule[] = "filesystem.deny_write .git (hooks, configuration)";

// Files of a git directory that steer what git executes, beside its hooks. `info/attributes` acts only through
// configuration, so that its absence needs no placeholder.
constexpr const char* kSteering[] = {"config", "info/attributes"};

void HoldIfThere(PlanBuilder& b, const std::string& path) {
  const PathFacts* const found = b.Find(path);
  if (found == nullptr || b.IsAbsent(path)) return;
  b.HoldInPlace(path, *found);
  b.WatchProtected(path, kRule, "git executes what it names");
}

void Hold(PlanBuilder& b, const std::string& path, PlaceholderKind kind) {
  if (!b.IsAbsent(path)) return HoldIfThere(b, path);
  if (!b.has_view()) return b.WatchProtected(path, kRule, "git executes what it names");
  b.Hold(path, kind);
  const bool file = kind != PlaceholderKind::kDirectory;
  MountStep step;
  // A file cannot be covered by an empty directory; it holds what it has to and is made read-only.
  step.op = file ? MountOp::kReadOnly : MountOp::kCover;
  step.target = path;
  step.directory = !file;
  b.PinAbove(path);
  b.Protect(step);
}

void Pin(PlanBuilder& b, const std::string& path) {
  const PlanBuilder::Grant* const grant = b.GrantOf(path);
  if (grant == nullptr || grant->path == path) return;
  b.PinAbove(absl::StrCat(path, "/."));
}

// One git directory that commands may write: a repository's, a submodule's, or a worktree's.
void ProtectGitDirectory(PlanBuilder& b, const std::string& path, bool linked_worktree) {
  if (b.GrantOf(path) == nullptr) return;
  Pin(b, path);
  for (const char* const name : kSteering) HoldIfThere(b, absl::StrCat(path, "/", name));
  // With extensions.worktreeConfig on, git takes configuration from it.
  Hold(b, absl::StrCat(path, "/config.worktree"), PlaceholderKind::kEmpty);
  if (linked_worktree) {
    HoldIfThere(b, absl::StrCat(path, "/commondir"));
    HoldIfThere(b, absl::StrCat(path, "/gitdir"));
    return;
  }
  Hold(b, absl::StrCat(path, "/hooks"), PlaceholderKind::kDirectory);
  // A `commondir` that says "../evil" would make git take its configuration from there.
  Hold(b, absl::StrCat(path, "/commondir"), PlaceholderKind::kContent);
}

// What configuration names and is not there yet, git would obey as soon as it is. An empty file says nothing as
// configuration, and as a directory of hooks it holds none. False if it is only compared after the run, since nothing
// is there yet to hold it in.
bool HoldTarget(PlanBuilder& b, const std::string& target) {
  const PathFacts* const parent = b.Find(std::string(ParentPath(target)));
  const bool has_place = parent != nullptr && parent->type == PathType::kDirectory && b.GrantOf(target) != nullptr;
  if (!b.IsAbsent(target) || has_place) {
    Hold(b, target, PlaceholderKind::kEmpty);
    return true;
  }
  if (b.GrantOf(target) == nullptr) return true;
  b.WatchProtected(target, kRule, "git executes what it names");
  return false;
}

// False as HoldTarget.
bool ProtectRepository(PlanBuilder& b, const RepositoryFacts& repository) {
  const std::string entry = absl::StrCat(repository.root, "/.git");
  if (repository.kind == RepositoryKind::kGitFile || repository.well_formed.no()) HoldIfThere(b, entry);
  if (repository.well_formed.no()) {
    // Nor may what it leads to become a repository.
    const std::string& git_dir = repository.git_dir;
    if (!git_dir.empty() && !b.HoldsGrant(git_dir)) HoldIfThere(b, git_dir);
    b.Decide(absl::StrCat("filesystem.deny_write ", entry), Verdict::kApproximated, "read-only as a whole",
             absl::StrCat("it is no repository that git would make: ", repository.well_formed.source));
    return true;
  }
  ProtectGitDirectory(b, repository.common_dir, /*linked_worktree=*/false);
  if (repository.git_dir != repository.common_dir) ProtectGitDirectory(b, repository.git_dir, /*linked_worktree=*/true);
  for (const std::string& worktree : repository.worktrees) ProtectGitDirectory(b, worktree, /*linked_worktree=*/true);
  for (const std::string& module : repository.modules) ProtectGitDirectory(b, module, /*linked_worktree=*/false);
  bool held = true;
  for (const std::string& target : repository.include_targets) held = HoldTarget(b, target) && held;
  return held;
}

}  // namespace

absl::Status PlanRepositories(PlanBuilder& b) {
  if (b.request.deny_write.empty()) return absl::OkStatus();  // a policy that protects nothing protects no repository
  bool held = true;
  for (const RepositoryFacts& repository : b.facts.workspace.repositories) {
    RETURN_IF_ERROR(b.CheckHeld(kRule, absl::StrCat(repository.root, "/.git")));
    held = ProtectRepository(b, repository) && held;
  }
  if (!b.facts.workspace.repositories.empty()) {
    const char* missing = "";
    if (!held) missing = "a file that configuration names in a directory that is not there is compared after the run";
    if (!b.facts.workspace.scan_complete) missing = "the search for nested repositories was cut short";
    b.DecideProtected(kRule, "read-only mounts; directories above pinned", missing);
  }
  return absl::OkStatus();
}

}  // namespace paddock
