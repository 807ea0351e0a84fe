#include "core/windows_plan/git_names.h"

#include "core/windows_plan/places.h"

namespace paddock {
namespace {

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

template <size_t N>
void AddNames(const std::string& git_dir, const SteeringName (&names)[N], std::vector<GitName>* found) {
  for (const SteeringName& name : names) {
    found->push_back({BelowDirectory(git_dir, name.name), name.directory, false});
  }
}

}  // namespace

std::vector<GitName> GitNamesOf(const RepositoryFacts& repository) {
  std::vector<GitName> names;
  const std::string entry = BelowDirectory(repository.root, ".git");
  if (repository.kind == RepositoryKind::kGitFile || repository.well_formed.no()) {
    names.push_back({entry, false, true});
  }
  if (repository.well_formed.no()) return names;
  AddNames(repository.common_dir, kSteering, &names);
  if (repository.git_dir != repository.common_dir) AddNames(repository.git_dir, kPointers, &names);
  for (const std::string& worktree : repository.worktrees) AddNames(worktree, kPointers, &names);
  for (const std::string& module : repository.modules) AddNames(module, kSteering, &names);
  for (const std::string& target : repository.include_targets) names.push_back({target, false, false});
  return names;
}

}  // namespace paddock
