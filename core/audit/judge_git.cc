#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "core/audit/judge_parts.h"

namespace paddock::audit {
namespace {

// What decides what git executes: of a repository or a submodule, and of a linked worktree.
constexpr absl::string_view kSteering[] = {"hooks", "config", "commondir"};
constexpr absl::string_view kSteeringOfWorktree[] = {"commondir", "gitdir", "config.worktree"};

void AddUnprotected(const Evidence& e, const std::string& directory, absl::Span<const absl::string_view> names,
                    Draft* draft) {
  if (directory.empty()) return;
  for (const absl::string_view name : names) {
    const std::string path = absl::StrCat(directory, "/", name);
    if (e.view.SightOf(path) == Sight::kWritable) draft->Add(path);
  }
}

void JudgeProtection(const Evidence& e, std::vector<Finding>* out) {
  if (!e.view.planned) return;
  Draft draft("git_not_protected", Severity::kHigh);
  for (const RepositoryFacts& repository : e.facts.workspace.repositories) {
    AddUnprotected(e, repository.common_dir, kSteering, &draft);
    for (const std::string& module : repository.modules) AddUnprotected(e, module, kSteering, &draft);
    for (const std::string& worktree : repository.worktrees) AddUnprotected(e, worktree, kSteeringOfWorktree, &draft);
  }
  draft.AddTo(out);
}

void JudgeRepositories(const Evidence& e, std::vector<Finding>* out) {
  Draft found("repositories_found", Severity::kInfo), malformed("repository_malformed", Severity::kMedium);
  for (const RepositoryFacts& repository : e.facts.workspace.repositories) {
    if (repository.well_formed.no()) malformed.Add(repository.root, repository.well_formed.source);
    const bool plain = repository.root == e.facts.workspace.root.real_path &&
                       repository.kind == RepositoryKind::kDirectory && repository.worktrees.empty() &&
                       repository.modules.empty();
    if (plain) continue;
    const bool file = repository.kind == RepositoryKind::kGitFile;
    found.Add(
        repository.root,
        absl::StrCat(file ? "worktree or submodule of " : "repository", file ? repository.common_dir : "",
                     "; linked worktrees: ", repository.worktrees.size(), ", submodules: ", repository.modules.size(),
                     file && repository.back_linked.no() ? "; its git directory does not name it back" : ""));
  }
  malformed.AddTo(out);
  found.AddTo(out);
}

void JudgeConfiguration(const Evidence& e, std::vector<Finding>* out) {
  const bool off = e.request.policy.network.mode == NetworkMode::kOff;
  Draft runs("git_config_runs_workspace_file", Severity::kHigh), names("git_config_names_programs", Severity::kInfo),
      password("git_url_with_password", off ? Severity::kMedium : Severity::kHigh);
  for (const RepositoryFacts& repository : e.facts.workspace.repositories) {
    for (const std::string& target : repository.include_targets) {
      const bool open = e.view.SightOf(target) == Sight::kWritable;
      (open ? runs : names)
          .Add(target, absl::StrCat("include.path or core.hooksPath of ", repository.root, " leads there; ",
                                    Name(e.view.SightOf(target))));
    }
  }
  for (const GitSetting& setting : e.seen.git_settings.kept) {
    if (setting.password) {
      if (IsVisible(e.view.SightOf(setting.file))) password.Add(setting.file, setting.key);
    } else if (!setting.runs.empty() && e.view.SightOf(setting.runs) == Sight::kWritable) {
      runs.Add(setting.runs, absl::StrCat(setting.key, " in ", setting.file, " names it"));
    } else {
      names.Add(setting.file, setting.key);
    }
  }
  names.AddUnlisted(e.seen.git_settings.count - e.seen.git_settings.kept.size());
  runs.AddTo(out);
  password.AddTo(out);
  names.AddTo(out);
}

}  // namespace

void JudgeGit(const Evidence& e, std::vector<Finding>* out) {
  JudgeProtection(e, out);
  JudgeRepositories(e, out);
  JudgeConfiguration(e, out);
}

}  // namespace paddock::audit
