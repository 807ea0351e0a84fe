// What git on the host would execute for whoever may write it. Only leaves are denied: with an inheritable denial on
// `.git` itself nobody could commit, since FETCH_HEAD, the index and refs are written anew each time.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/windows_token/plan_builder.h"

namespace paddock {
namespace {

constexpr char kRule[] = "filesystem.deny_write .git (hooks, configuration)";

// Of a git directory.
struct SteeringName {
  const char* name;
  bool directory;
};
constexpr SteeringName kSteering[] = {
    {"hooks", true}, {"config", false}, {"config.worktree", false}, {"commondir", false}, {"info\\attributes", false},
};
// A repository's own names, which a `.git` of a worktree does not have.
constexpr SteeringName kPointers[] = {{"commondir", false}, {"gitdir", false}, {"config.worktree", false}};

class Repositories {
 public:
  explicit Repositories(TokenPlanBuilder& b) : b_(b) {}

  void Protect(const RepositoryFacts& repository) {
    const std::string entry = BelowDirectory(repository.root, ".git");
    if (repository.kind == RepositoryKind::kGitFile || repository.well_formed.no()) Hold(entry, false, true);
    if (repository.well_formed.no()) return;
    ProtectDirectory(repository.common_dir, kSteering);
    if (repository.git_dir != repository.common_dir) ProtectDirectory(repository.git_dir, kPointers);
    for (const std::string& worktree : repository.worktrees) ProtectDirectory(worktree, kPointers);
    for (const std::string& module : repository.modules) ProtectDirectory(module, kSteering);
    for (const std::string& target : repository.include_targets) Hold(target, false, false);
  }

  const std::vector<std::string>& missing() const { return missing_; }

 private:
  template <size_t N>
  void ProtectDirectory(const std::string& git_dir, const SteeringName (&names)[N]) {
    for (const SteeringName& name : names) Hold(BelowDirectory(git_dir, name.name), name.directory, false);
  }

  void Hold(const std::string& asked, bool directory, bool exists) {
    const std::string path = b_.Located(asked);
    WritableRoot* const root = b_.RootOf(path);
    if (root == nullptr || MayLieIn(root->path, path)) return;
    const PathFacts* const found = b_.Find(asked);
    const PathType type = found != nullptr ? found->type : exists ? PathType::kFile : PathType::kUnreadable;
    switch (type) {
      case PathType::kDirectory:
      case PathType::kFile:
        return HoldExistingName(b_, *root, path, type == PathType::kDirectory, kRule);
      case PathType::kAbsent:
        HoldAbsentName(b_, *root, path, directory, kRule);
        if (!directory) missing_.push_back(absl::StrCat(path, " is not held, and goes into quarantine"));
        return;
      default:
        missing_.push_back(
            absl::StrCat(path, type == PathType::kSymlink ? " is a link, which holds no entry" : " was not looked at"));
    }
  }

  TokenPlanBuilder& b_;
  std::vector<std::string> missing_;
};

}  // namespace

void PlanRepositories(TokenPlanBuilder& b) {
  if (b.request.deny_write.empty()) return;  // a policy that protects nothing protects no repository
  Repositories repositories(b);
  bool inside = false;
  for (const RepositoryFacts& repository : b.facts.workspace.repositories) {
    if (b.RootOf(b.Located(repository.root)) == nullptr) continue;
    inside = true;
    repositories.Protect(repository);
  }
  std::vector<std::string> missing = repositories.missing();
  if (!b.facts.workspace.scan_complete && !b.body.roots.empty()) {
    missing.push_back("nested repositories were not all searched for");
  }
  if (inside || !missing.empty()) {
    if (missing.empty() && !b.dedicated()) missing.push_back("deletion and replacement, as of every protected name");
    b.Decide(kRule, missing.empty() ? Verdict::kEnforced : Verdict::kApproximated,
             "entries on the leaves that deny the run's capability; `.git` stays in place",
             absl::StrJoin(missing, "; "));
  }
}

}  // namespace paddock
