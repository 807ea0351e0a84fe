#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/windows_token/plan_builder.h"
#include "core/windows_plan/git_names.h"

namespace paddock {
namespace {

class Repositories {
 public:
  explicit Repositories(TokenPlanBuilder& b) : b_(b) {}

  void Protect(const RepositoryFacts& repository) {
    for (const GitName& name : GitNamesOf(repository)) Hold(name.path, name.directory, name.exists);
  }

  const std::vector<std::string>& missing() const { return missing_; }

 private:
  void Hold(const std::string& asked, bool directory, bool exists) {
    const std::string path = b_.Located(asked);
    WritableRoot* const root = b_.RootOf(path);
    if (root == nullptr || MayLieIn(root->path, path)) return;
    const PathFacts* const found = b_.Find(asked);
    const PathType type = found != nullptr ? found->type : exists ? PathType::kFile : PathType::kUnreadable;
    switch (type) {
      case PathType::kDirectory:
      case PathType::kFile:
        return HoldExistingName(b_, *root, path, type == PathType::kDirectory, kGitNamesRule);
      case PathType::kAbsent:
        HoldAbsentName(b_, *root, path, directory, kGitNamesRule);
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
    b.Decide(kGitNamesRule, missing.empty() ? Verdict::kEnforced : Verdict::kApproximated,
             "entries on the leaves that deny the run's capability; `.git` stays in place",
             absl::StrJoin(missing, "; "));
  }
}

}  // namespace paddock
