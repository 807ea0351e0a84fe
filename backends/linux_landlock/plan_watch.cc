#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backends/linux_landlock/plan_builder.h"

namespace paddock {
namespace {

struct Executable {
  const char* name;
  const char* why;
};

// What somebody on the host will execute later without looking, at the root of a workspace. Writing them is a coding
// agent's work, so that they are reported and not prevented.
constexpr Executable kExecutedLater[] = {
    {"AGENTS.md", "agents follow its instructions"},
    {"CLAUDE.md", "agents follow its instructions"},
    {".cargo/config.toml", "cargo runs what it names (runner, rustc-wrapper)"},
    {".github/copilot-instructions.md", "agents follow its instructions"},
    {".github/workflows", "CI runs what it holds"},
    {".gitattributes", "chooses filters that git runs"},
    {".gitmodules", "names repositories that git fetches"},
    {".husky", "git hooks of the project"},
    {".npmrc", "npm takes its registry and shell from it"},
    {".pre-commit-config.yaml", "pre-commit runs what it names"},
    {"CMakeLists.txt", "cmake runs it"},
    {"CMakePresets.json", "editors configure with it"},
    {"Makefile", "make runs it"},
    {"build.rs", "cargo build runs it"},
    {"conftest.py", "pytest runs it"},
    {"node_modules/.bin", "npm scripts run its programs"},
    {"package.json", "npm runs its scripts"},
    {"pyproject.toml", "build tools run what it names"},
    {"setup.py", "pip runs it"},
    {".venv/bin", "programs that an activated environment runs"},
    {".venv/pyvenv.cfg", "python starts from it"},
};

}  // namespace

void PlanWatch(PlanBuilder& b) {
  const std::string& root = b.facts.workspace.root.real_path;
  if (!root.empty()) {
    b.body.watched.reserve(b.body.watched.size() + std::size(kExecutedLater) + 1);
    for (const Executable& executable : kExecutedLater) {
      b.body.watched.push_back({absl::StrCat(root, "/", executable.name), "", executable.why, false});
    }
    const bool has_repository =
        std::any_of(b.facts.workspace.repositories.begin(), b.facts.workspace.repositories.end(),
                    [&](const RepositoryFacts& repository) { return repository.root == root; });
    if (!has_repository) b.body.watched.push_back({absl::StrCat(root, "/.git"), "", "git runs its hooks", false});
  }
  if (!b.request.write.empty()) b.body.seen = b.facts.workspace.seen;
  std::vector<WatchedPath> unique;
  unique.reserve(b.body.watched.size());
  std::set<absl::string_view> seen;  // texts of `unique`, which stays where it is
  // A rule's own entry comes first, and stands for the path.
  for (const bool violation : {true, false}) {
    for (WatchedPath& watched : b.body.watched) {
      if (watched.violation != violation || seen.contains(watched.path)) continue;
      unique.push_back(std::move(watched));
      seen.insert(unique.back().path);
    }
  }
  b.body.watched = std::move(unique);
}

}  // namespace paddock
