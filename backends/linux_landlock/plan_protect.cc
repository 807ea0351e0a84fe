#include <algorithm>
#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr absl::string_view kBuiltInOrigin = "built-in:";

// Names of the default list that get no placeholder while they do not exist, since a directory of that name would break
// the tool that looks for a file, or hide a directory that is usually written. The tools of the first four ask before
// they trust a changed file; all are compared after the run.
constexpr absl::string_view kReportedOnly[] = {".envrc", ".tool-versions", "mise.toml", ".paddock.toml",
                                               ".github/hooks"};

bool IsReportedOnly(const PlanBuilder& b, const PathRule& rule) {
  if (!absl::StartsWith(rule.origin.file, kBuiltInOrigin) || !PathIsWithin(rule.path, b.request.workspace))
    return false;
  const absl::string_view below = PathBelow(rule.path, b.request.workspace);
  return std::find(std::begin(kReportedOnly), std::end(kReportedOnly), below) != std::end(kReportedOnly);
}

// Inside a git directory the layout of the repository decides (plan_git.cc).
bool IsGitInternal(absl::string_view path) { return absl::StrContains(path, "/.git/"); }

// A rule is told by the list that it stands in, of which there may be thousands of elements.
std::string RuleName(const PlanBuilder& b, const PathRule& rule) {
  const std::vector<PathRule>& tree = b.request.read_only;
  const std::less<const PathRule*> before;
  const bool read_only = !before(&rule, tree.data()) && before(&rule, tree.data() + tree.size());
  return absl::StrCat(read_only ? "filesystem.read_only " : "filesystem.deny_write ", rule.text);
}

// Where the rule's name itself lies, below the real grant. A link outside the grants (a home that is one, say) is
// followed: nobody inside could have made it.
std::string Located(const PlanBuilder& b, const PathRule& rule) {
  std::string path = b.InGrant(rule.path);
  if (b.GrantOf(path) != nullptr) return path;
  std::string name = JoinPath(b.RealPath(std::string(ParentPath(path))), PathBasename(path));
  return b.GrantOf(name) != nullptr ? name : b.RealPath(path);
}

// True if a directory between the grant and the rule's path is a link: the command could lead it elsewhere next time.
bool CrossesLink(const PlanBuilder& b, const PathRule& rule, const std::string& path, const std::string& root) {
  if (path != b.InGrant(rule.path)) return false;  // resolved already
  std::string asked(ParentPath(rule.path));
  for (std::string above(ParentPath(path)); above != root && PathIsWithin(above, root);
       above = std::string(ParentPath(above)), asked = std::string(ParentPath(asked))) {
    const PathFacts* const found = b.Find(asked);
    if (found == nullptr || found->type == PathType::kAbsent) continue;
    if (found->type == PathType::kSymlink || (!found->real_path.empty() && found->real_path != above)) return true;
  }
  return false;
}

absl::Status RefuseLink(const PlanBuilder& b, const PathRule& rule, const std::string& path, absl::string_view how) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_crosses_symlink",
                     absl::StrCat(RuleName(b, rule), ": ", path, " ", how));
}

absl::Status RefuseCover(const PlanBuilder& b, const PathRule& rule, const std::string& grant) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_covers_grant",
                     absl::StrCat(RuleName(b, rule), " covers the writable ", grant));
}

void ReportOnly(PlanBuilder& b, const PathRule& rule, const std::string& path, const char* why) {
  b.WatchProtected(path, RuleName(b, rule), why);
  b.DecideProtected(RuleName(b, rule), "compared after the run", why);
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
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) b.Hold(*at, PlaceholderKind::kDirectory);
  MountStep cover;
  cover.op = MountOp::kCover;
  cover.target = path;
  b.PinAbove(path);
  b.Protect(cover);
  b.WatchProtected(path, RuleName(b, rule), "protected name");
  b.DecideProtected(RuleName(b, rule), "an empty read-only directory holds the name during the run");
}

absl::Status HoldExisting(PlanBuilder& b, const PathRule& rule, const std::string& path, const PathFacts& found) {
  if (found.type == PathType::kSymlink && found.real_path.empty()) {
    return RefuseLink(b, rule, path, "is a symbolic link that leads nowhere: whatever is made there would count as it");
  }
  if (found.type == PathType::kSymlink && b.HoldsGrant(found.real_path)) return RefuseCover(b, rule, found.real_path);
  b.HoldInPlace(path, found);
  b.WatchProtected(path, RuleName(b, rule), "protected name");
  // Where a mount holds what a link leads to, nothing happens to it.
  const bool leads_into_grant = found.type == PathType::kSymlink && b.GrantOf(found.real_path) != nullptr;
  if (leads_into_grant && !b.has_view()) b.WatchProtected(found.real_path, RuleName(b, rule), "protected name");
  b.DecideProtected(RuleName(b, rule), "read-only mount; directories above pinned");
  return absl::OkStatus();
}

absl::Status PlanLiteral(PlanBuilder& b, const PathRule& rule) {
  const std::string path = Located(b, rule);
  const PlanBuilder::Grant* const grant = b.GrantOf(path);
  RETURN_IF_ERROR(b.CheckHeld(RuleName(b, rule), path));
  if (grant == nullptr) {
    b.Decide(RuleName(b, rule), Verdict::kEnforced, "outside every writable grant");
    return absl::OkStatus();
  }
  if (path == grant->path) return RefuseCover(b, rule, grant->path);
  if (CrossesLink(b, rule, path, grant->path) && !IsReportedOnly(b, rule)) {
    return RefuseLink(b, rule, path, "is reached through a symbolic link that the command could change");
  }
  const PathFacts* found = b.Find(rule.path);
  // A link outside the grants was followed: what holds is what it leads to.
  if (found != nullptr && found->type == PathType::kSymlink && found->real_path == path) found = b.Find(path);
  const bool unreadable = found != nullptr && found->type == PathType::kUnreadable;
  if (unreadable && IsReportedOnly(b, rule)) {
    ReportOnly(b, rule, path, "it cannot be looked up");
    return absl::OkStatus();
  }
  if (found != nullptr && !b.IsAbsent(rule.path)) return HoldExisting(b, rule, path, *found);
  if (IsGitInternal(path)) {
    ReportOnly(b, rule, path, "a repository that is made during the run is reported, not prevented");
  } else if (b.facts.workspace.empty.yes() && PathIsWithin(path, b.facts.workspace.root.real_path)) {
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
      RETURN_IF_ERROR(b.CheckHeld(RuleName(b, rule), match));
      const PathFacts* const found = b.Find(match);
      for (const std::string& path : {match, b.RealPath(match)}) {
        if (b.HoldsGrant(path)) return RefuseCover(b, rule, path);
        const bool watched = !b.has_view() || b.IgnoresCase();
        if (b.GrantOf(path) != nullptr && watched) b.WatchProtected(path, RuleName(b, rule), "protected name");
      }
      if (found != nullptr) b.HoldInPlace(match, *found, /*optional=*/true);
    }
  }
  b.DecideProtected(RuleName(b, rule), "each match at the start is mounted read-only",
                    "files that come to match during the run");
  return absl::OkStatus();
}

}  // namespace

absl::Status PlanProtectedNames(PlanBuilder& b) {
  // A read-only tree may hold writable ones; one that is not to be written may not.
  for (const PathRule& rule : b.request.deny_write) {
    const std::string path = rule.glob ? "" : Located(b, rule);
    for (const PlanBuilder::Grant& grant : b.grants) {
      if (!path.empty() && PathIsWithin(grant.path, path)) return RefuseCover(b, rule, grant.path);
    }
  }
  for (const std::vector<PathRule>* const rules : {&b.request.deny_write, &b.request.read_only}) {
    for (const PathRule& rule : *rules) {
      RETURN_IF_ERROR(rule.glob ? PlanGlob(b, rule) : PlanLiteral(b, rule));
    }
  }
  return absl::OkStatus();
}

}  // namespace paddock
