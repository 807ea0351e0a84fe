#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
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
    for (const Executable& executable : kExecutedLater) {
      b.body.watched.push_back({absl::StrCat(root, "/", executable.name), "", executable.why, false});
    }
    const bool has_repository =
        std::any_of(b.facts.workspace.repositories.begin(), b.facts.workspace.repositories.end(),
                    [&](const RepositoryFacts& repository) { return repository.root == root; });
    if (!has_repository) b.body.watched.push_back({absl::StrCat(root, "/.git"), "", "git runs its hooks", false});
  }
  if (!b.request.write.empty()) b.body.seen = b.facts.workspace.seen;
  std::set<std::string> seen;
  std::vector<WatchedPath> unique;
  // A rule's own entry comes first, and stands for the path.
  for (const bool violation : {true, false}) {
    for (WatchedPath& watched : b.body.watched) {
      if (watched.violation == violation && seen.insert(watched.path).second) unique.push_back(watched);
    }
  }
  b.body.watched = std::move(unique);
}

}  // namespace paddock
