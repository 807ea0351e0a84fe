#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_token/judge_reads.h"
#include "backends/windows_token/plan_builder.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/windows_plan/grants.h"

namespace paddock {
namespace {

constexpr char kHeldBy[] = "entries that deny the run's capability; the directories above keep the name";
// What keeps a name from being deleted through its directory is added only where the user loses nothing by it, which
// is known to whoever reads the lists of all that lies beside it.
constexpr char kConditional[] =
    "deletion of what lies deeper in a protected directory; replacement where something beside a name does not let the "
    "user delete it by itself, which only the launch can tell";

// Names without an extension that tools look for as files: a directory of that name would break them.
constexpr absl::string_view kFileNames[] = {".envrc",    ".tool-versions", "config",    "config.worktree",
                                            "commondir", "gitdir",         "attributes"};

bool IsFileName(const std::string& path) {
  const std::string name = absl::AsciiStrToLower(path.substr(path.rfind('\\') + 1));
  return name.find('.', 1) != std::string::npos ||
         std::find(std::begin(kFileNames), std::end(kFileNames), name) != std::end(kFileNames);
}

bool IsGitInternal(const std::string& path) { return absl::StrContains(absl::AsciiStrToLower(path), "\\.git\\"); }

void AddDeny(WritableRoot& root, const std::string& path, bool directory, absl::string_view rights,
             const std::string& sid, const std::string& rule) {
  const bool tree = directory && rights == kChanges;
  AddChange(root, {path, EntryText('D', tree ? "OICI" : "", rights, sid), tree ? AceScope::kTree : AceScope::kObject,
                   directory, false, rule});
}

// What lies in `directory` is deleted by DELETE on itself alone. Of the developer's own account that may take more than
// it gives, and is left out then.
void HoldContents(TokenPlanBuilder& b, WritableRoot& root, const std::string& directory, const std::string& rule) {
  AddChange(root, {directory, EntryText('D', "", kDeleteChild, b.dedicated() ? "{group}" : "{user}"), AceScope::kObject,
                   /*directory=*/true, /*if_children_grant_delete=*/!b.dedicated(), rule});
}

// Nobody deletes `path` through its directory, nor moves a directory above it away.
void HoldDirectoriesAbove(TokenPlanBuilder& b, WritableRoot& root, const std::string& path, const std::string& rule) {
  bool at_root = false;
  for (std::string above = DirectoryOf(path); !at_root && !above.empty(); above = DirectoryOf(above)) {
    at_root = SameWindowsPath(above, root.path);
    if (!at_root) AddDeny(root, above, true, kDeleteOnly, root.capability, rule);
    HoldContents(b, root, above, rule);
  }
}

void DecideHeld(TokenPlanBuilder& b, const std::string& rule, std::string missing = "") {
  if (missing.empty() && !b.dedicated()) missing = kConditional;
  b.Decide(rule, missing.empty() ? Verdict::kEnforced : Verdict::kApproximated, kHeldBy, missing);
}

void DecideOutside(TokenPlanBuilder& b, const std::string& rule) {
  if (b.dedicated()) return b.Decide(rule, Verdict::kEnforced, "outside every writable grant");
  b.Decide(rule, Verdict::kApproximated, "outside every writable grant",
           "deletion, where the user may delete what lies in its directory");
}

absl::Status RefuseCover(const std::string& rule, const std::string& root) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_covers_grant",
                     absl::StrCat(rule, " covers the writable ", root));
}

// A directory between the root and the name that is a link could be led elsewhere by the command.
bool CrossesLink(const TokenPlanBuilder& b, const std::string& asked, const std::string& located) {
  const PathFacts* const found = b.Find(asked);
  if (found == nullptr || found->type == PathType::kAbsent) return false;
  if (found->type == PathType::kSymlink) return true;
  return found->crosses_symlink && !found->real_path.empty() && !SameWindowsPath(found->real_path, located);
}

void PlanAbsent(TokenPlanBuilder& b, WritableRoot& root, const std::string& path, const std::string& rule) {
  const PathFacts* const above = b.Find(DirectoryOf(path));
  const bool at_top = SameWindowsPath(DirectoryOf(path), root.path);
  const bool has_place = at_top || (above != nullptr && above->type == PathType::kDirectory);
  if (IsGitInternal(path) && !has_place) {
    b.Decide(rule, Verdict::kNotEnforced, "none", "there is no repository yet; one that the run makes has its own");
    return;
  }
  const bool leave_empty = b.facts.workspace.empty.yes() && MayLieIn(path, b.facts.workspace.root.real_path);
  const bool placeholder = has_place && !leave_empty && !IsFileName(path);
  HoldAbsentName(b, root, path, placeholder, rule);
  if (placeholder) return DecideHeld(b, rule);
  b.Decide(rule, Verdict::kApproximated, "what the run makes of the name goes into quarantine after it",
           "the name is not held while the run lasts");
}

absl::Status PlanLiteral(TokenPlanBuilder& b, const PathRule& path_rule, const std::string& rule) {
  const std::string path = b.Located(path_rule.path);
  WritableRoot* const root = b.RootOf(path);
  for (const WritableRoot& other : b.body.roots) {
    if (MayLieIn(other.path, path)) return RefuseCover(rule, other.path);
  }
  if (root == nullptr) {
    DecideOutside(b, rule);
    return absl::OkStatus();
  }
  if (CrossesLink(b, path_rule.path, path)) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_crosses_symlink",
                       absl::StrCat(rule, ": ", path, " is a link, or is reached through one"));
  }
  const PathFacts* const found = b.Find(path_rule.path);
  // A probe looks at every name of the request or, where a drive does not answer in time, at none. Facts from a file
  // may be another request's.
  const bool unseen = found == nullptr && !b.facts.workspace.paths.empty();
  if (unseen && LiesIn(path, root->path)) {
    b.Decide(rule, Verdict::kNotEnforced, "none", "the facts do not tell whether it exists");
    return absl::OkStatus();
  }
  if (found == nullptr || found->type == PathType::kUnreadable || !LiesIn(path, root->path)) {
    return ReasonError(
        absl::StatusCode::kFailedPrecondition, "deny_unreadable",
        absl::StrCat(rule, ": ", path, " cannot be looked up, or may have another name in ", root->path));
  }
  if (found->type == PathType::kAbsent) {
    PlanAbsent(b, *root, path, rule);
    return absl::OkStatus();
  }
  HoldExistingName(b, *root, path, found->type == PathType::kDirectory, rule);
  DecideHeld(b, rule);
  return absl::OkStatus();
}

// Matches are existing files by their own names; what they are is asked where somebody looked, and a file denied as a
// directory would be denies as much.
absl::Status PlanGlob(TokenPlanBuilder& b, const PathRule& path_rule, const std::string& rule) {
  const auto matches = b.facts.workspace.globs.find(path_rule.path);
  if (matches == b.facts.workspace.globs.end()) {
    b.Decide(rule, Verdict::kNotEnforced, "none", "nobody has searched for what it matches");
    return absl::OkStatus();
  }
  for (const std::string& match : matches->second) {
    const std::string path = b.Located(match);
    WritableRoot* const root = b.RootOf(path);
    if (root == nullptr || !LiesIn(path, root->path)) continue;
    if (MayLieIn(root->path, path)) return RefuseCover(rule, root->path);
    const PathFacts* const found = b.Find(match);
    HoldExistingName(b, *root, path, found != nullptr && found->type == PathType::kDirectory, rule);
  }
  DecideHeld(b, rule,
             b.facts.workspace.scan_complete ? "files that come to match during the run"
                                             : "the search for matches was cut short");
  return absl::OkStatus();
}

// Of a dedicated user entries inside a grant can take reading away; of the developer's own account nothing can.
void HideMatches(TokenPlanBuilder& b, const PathRule& path_rule, const std::string& rule) {
  const auto hide = [&](const std::string& asked, const PathFacts* found) {
    const std::string path = b.Located(asked);
    WritableRoot* const root = b.RootOf(path);
    if (root == nullptr || !LiesIn(path, root->path) || MayLieIn(root->path, path)) return;
    const bool directory = found != nullptr && found->type == PathType::kDirectory;
    AddChange(*root, {path, EntryText('D', directory ? "OICI" : "", kAllRights, "{group}"),
                      directory ? AceScope::kTree : AceScope::kObject, directory, false, rule});
    HoldDirectoriesAbove(b, *root, path, rule);
  };
  if (const auto matches = b.facts.workspace.globs.find(path_rule.path);
      path_rule.glob && matches != b.facts.workspace.globs.end()) {
    for (const std::string& match : matches->second) hide(match, b.Find(match));
  }
  const PathFacts* const found = path_rule.glob ? nullptr : b.Find(path_rule.path);
  if (found != nullptr && (found->type == PathType::kFile || found->type == PathType::kDirectory)) {
    hide(path_rule.path, found);
  }
}

absl::Status PlanDenyRead(TokenPlanBuilder& b) {
  const auto rule_of = [](const PathRule& rule) { return absl::StrCat("filesystem.deny_read ", rule.text); };
  if (!b.dedicated()) {
    for (const PathRule& path_rule : b.request.deny_read) {
      b.Decide(rule_of(path_rule), Verdict::kNotEnforced, "none", "the command reads whatever the user can read");
    }
    return absl::OkStatus();
  }
  Places places = b.places;
  ASSIGN_OR_RETURN(const std::vector<WindowsGrant> grants,
                   FindGrants(b.request, b.facts, b.request.write, {.entries = true}, &places));
  const std::vector<ReadJudgement> judgements = JudgeReads(b.request, b.facts, grants, b.places);
  for (size_t i = 0; i < judgements.size(); ++i) {
    const std::string rule = rule_of(b.request.deny_read[i]);
    HideMatches(b, b.request.deny_read[i], rule);
    b.Decide(rule, judgements[i].verdict, judgements[i].mechanism, judgements[i].missing);
  }
  return absl::OkStatus();
}

}  // namespace

void HoldExistingName(TokenPlanBuilder& b, WritableRoot& root, const std::string& path, bool directory,
                      const std::string& rule) {
  AddDeny(root, path, directory, kChanges, root.capability, rule);
  if (directory) HoldContents(b, root, path, rule);
  HoldDirectoriesAbove(b, root, path, rule);
}

void HoldAbsentName(TokenPlanBuilder& b, WritableRoot& root, const std::string& path, bool placeholder,
                    const std::string& rule) {
  const bool there = std::any_of(root.absent.begin(), root.absent.end(),
                                 [&](const AbsentName& name) { return SameWindowsPath(name.path, path); });
  if (there) return;
  root.absent.push_back(
      {path, placeholder, placeholder ? EntryText('D', "OICI", kChanges, root.capability) : "", rule});
  if (placeholder) HoldDirectoriesAbove(b, root, path, rule);
}

absl::Status PlanProtectedNames(TokenPlanBuilder& b) {
  const struct {
    const char* key;
    const std::vector<PathRule>& rules;
  } kLists[] = {{"filesystem.deny_write ", b.request.deny_write}, {"filesystem.read_only ", b.request.read_only}};
  for (const auto& list : kLists) {
    for (const PathRule& path_rule : list.rules) {
      const std::string rule = absl::StrCat(list.key, path_rule.text);
      RETURN_IF_ERROR(path_rule.glob ? PlanGlob(b, path_rule, rule) : PlanLiteral(b, path_rule, rule));
    }
  }
  return PlanDenyRead(b);
}

}  // namespace paddock
