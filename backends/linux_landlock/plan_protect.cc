#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"

namespace paddock {
namespace {

constexpr absl::string_view kBuiltInOrigin = "built-in:";

// Names of the default list that get no placeholder while they do not exist, since a directory of that name would break
// the tool that looks for a file, or hide a directory that is usually written. The tools of the first four ask before
// they trust a changed file; all are compared after the run.
constexpr absl::string_view kReportedOnly[] = {".envrc", ".tool-versions", "mise.toml", ".paddock.toml",
                                               ".github/hooks"};

bool IsReportedOnly(const PlanBuilder& b, const PathRule& rule) {
  if (!absl::StartsWith(rule.origin.file, kBuiltInOrigin)) return false;
  return std::any_of(std::begin(kReportedOnly), std::end(kReportedOnly),
                     [&](absl::string_view name) { return rule.path == absl::StrCat(b.request.workspace, "/", name); });
}

// Inside a git directory the layout of the repository decides (plan_git.cc).
bool IsGitInternal(absl::string_view path) { return absl::StrContains(path, "/.git/"); }

std::string RuleName(const PathRule& rule) { return absl::StrCat("filesystem.deny_write ", rule.text); }

// The rule's path with the workspace's own link resolved, so that it lies below the real grant.
std::string InGrant(const PlanBuilder& b, const std::string& path) {
  const std::string& workspace = b.request.workspace;
  if (workspace.empty() || !PathIsWithin(path, workspace)) return path;
  return JoinPath(b.facts.workspace.root.real_path, PathBelow(path, workspace));
}

void ReportOnly(PlanBuilder& b, const PathRule& rule, const std::string& path, const char* why) {
  b.body.watched.push_back({path, RuleName(rule), why, /*violation=*/true});
  b.Decide(RuleName(rule), Verdict::kApproximated, "compared after the run", why);
}

// True if something that is no directory stands where a directory would have to be made.
bool IsBlocked(const PlanBuilder& b, const std::string& path, const std::string& root) {
  for (std::string above(ParentPath(path)); above != root && PathIsWithin(above, root);
       above = std::string(ParentPath(above))) {
    const PathFacts* const found = b.Find(above);
    if (found != nullptr && found->type != PathType::kDirectory && found->type != PathType::kAbsent) return true;
  }
  return false;
}

// Makes the name on the host for the run, and covers it. Missing directories above it are made and pinned, not covered.
void HoldAbsentName(PlanBuilder& b, const PathRule& rule, const std::string& path) {
  const PlanBuilder::Grant* const grant = b.GrantOf(path);
  std::vector<std::string> missing = {path};
  for (std::string above(ParentPath(path)); above != grant->path && b.IsAbsent(above);
       above = std::string(ParentPath(above))) {
    missing.push_back(above);
  }
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    const bool planned = std::any_of(b.body.placeholders.begin(), b.body.placeholders.end(),
                                     [&](const Placeholder& placeholder) { return placeholder.path == *at; });
    if (!planned) b.body.placeholders.push_back({*at, false});
  }
  MountStep cover;
  cover.op = MountOp::kCover;
  cover.target = path;
  b.PinAbove(path);
  b.Protect(cover);
  b.body.watched.push_back({path, RuleName(rule), "protected name", /*violation=*/true});
  b.Decide(RuleName(rule), Verdict::kEnforced, "an empty read-only directory holds the name during the run");
}

absl::Status HoldExisting(PlanBuilder& b, const PathRule& rule, const std::string& path, const PathFacts& found) {
  if (found.crosses_symlink && found.type != PathType::kSymlink && path == rule.path) {
    return ReasonError(
        absl::StatusCode::kFailedPrecondition, "deny_crosses_symlink",
        absl::StrCat(RuleName(rule), ": ", path, " is reached through a symbolic link in the workspace"));
  }
  MountStep step;
  step.op = MountOp::kReadOnly;
  step.target = path;
  step.directory = found.type == PathType::kDirectory;
  step.identity = {found.device, found.inode};
  b.PinAbove(path);
  b.Protect(step);
  b.body.watched.push_back({path, RuleName(rule), "protected name", /*violation=*/true});
  // The link is held in place; what it leads to needs holding too.
  if (found.type == PathType::kSymlink && !found.real_path.empty() && b.GrantOf(found.real_path) != nullptr) {
    step.target = found.real_path;
    step.identity = {};
    b.PinAbove(step.target);
    b.Protect(step);
  }
  b.Decide(RuleName(rule), Verdict::kEnforced, "read-only mount; directories above pinned");
  return absl::OkStatus();
}

absl::Status PlanLiteral(PlanBuilder& b, const PathRule& rule) {
  const std::string path = InGrant(b, rule.path);
  const PlanBuilder::Grant* const grant = b.GrantOf(path);
  if (grant == nullptr) {
    b.Decide(RuleName(rule), Verdict::kEnforced, "outside every writable grant");
    return absl::OkStatus();
  }
  if (path == grant->path) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_covers_grant",
                       absl::StrCat(RuleName(rule), " covers the writable ", grant->path));
  }
  const PathFacts* const found = b.Find(rule.path);
  if (found != nullptr && !b.IsAbsent(rule.path)) return HoldExisting(b, rule, path, *found);
  if (IsGitInternal(path)) {
    ReportOnly(b, rule, path, "a repository that is made during the run is reported, not prevented");
  } else if (b.facts.workspace.empty.yes()) {
    ReportOnly(b, rule, path, "an empty workspace is left empty, so that a clone into it works");
  } else if (IsReportedOnly(b, rule) || IsBlocked(b, path, grant->path)) {
    ReportOnly(b, rule, path, "no placeholder can stand for it");
  } else {
    HoldAbsentName(b, rule, path);
  }
  return absl::OkStatus();
}

absl::Status PlanGlob(PlanBuilder& b, const PathRule& rule) {
  const auto matches = b.facts.workspace.globs.find(rule.path);
  if (matches != b.facts.workspace.globs.end()) {
    for (const std::string& match : matches->second) {
      if (b.GrantOf(match) == nullptr) continue;
      MountStep step;
      step.op = MountOp::kReadOnly;
      step.target = match;
      step.optional = true;
      b.PinAbove(match);
      b.Protect(step);
    }
  }
  b.Decide(RuleName(rule), Verdict::kApproximated, "each match at the start is mounted read-only",
           "files that come to match during the run");
  return absl::OkStatus();
}

}  // namespace

absl::Status PlanProtectedNames(PlanBuilder& b) {
  for (const std::vector<PathRule>* const rules : {&b.request.deny_write, &b.request.read_only}) {
    for (const PathRule& rule : *rules) {
      const absl::Status status = rule.glob ? PlanGlob(b, rule) : PlanLiteral(b, rule);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace paddock
