// What nobody may read, secrets above all: covered by a mount where the sandbox has a view of its own, left out of the
// rules that allow reading where it has none.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

bool IsUnderHomeOverlay(const PlanBuilder& b, const std::string& path) {
  if (b.GrantOf(path) != nullptr) return false;
  return std::any_of(b.steps.begin(), b.steps.end(), [&](const auto& entry) {
    return entry.second.op == MountOp::kHome && PathIsWithin(path, entry.first);
  });
}

// Tier landlock gives /dev/shm with the host's /tmp.
bool IsHostShm(const PlanBuilder& b, const std::string& path) {
  return b.request.policy.filesystem.tmp == TmpMode::kHost && PathIsWithin(path, "/dev/shm");
}

// A second mask would meet the first one where the host's file is expected.
bool IsMasked(const PlanBuilder& b, const std::string& path) {
  const auto [begin, end] = b.steps.equal_range(path);
  return std::any_of(begin, end, [](const auto& step) { return step.second.op == MountOp::kMask; });
}

absl::Status MaskPath(PlanBuilder& b, const PathRule& rule, const std::string& path, const PathFacts* found,
                      bool optional) {
  for (const PlanBuilder::Grant& grant : b.grants) {
    if (!PathIsWithin(grant.path, path)) continue;
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_covers_grant",
                       absl::StrCat("filesystem.deny_read ", rule.text, " covers the writable ", grant.path));
  }
  if (found != nullptr && found->type == PathType::kUnreadable && b.GrantOf(path) != nullptr) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_unreadable",
                       absl::StrCat("filesystem.deny_read ", rule.text, ": ", path,
                                    " cannot be looked up, and the command could open the way to it"));
  }
  if (!b.has_view()) {
    const bool writable = b.GrantOf(path) != nullptr || b.IsInHostTmp(path) || IsHostShm(b, path);
    (writable ? b.exposed : b.hidden).push_back(path);
    return absl::OkStatus();
  }
  if (b.IsOutOfView(path) || IsMasked(b, path) || !b.CanHold(path)) return absl::OkStatus();
  MountStep step;
  step.op = MountOp::kMask;
  step.target = path;
  step.directory = found == nullptr || found->type == PathType::kDirectory;
  step.optional = optional;
  if (IsUnderHomeOverlay(b, path)) {
    // An overlay shows inodes of its own, and a run before may have removed the path in its layer: nothing shows the
    // host's file then.
    step.optional = optional || b.keeps_home;
  } else if (found != nullptr && !optional) {
    step.identity = {found->device, found->inode};
  }
  if (b.GrantOf(path) != nullptr) {
    b.PinAbove(path);
    b.Protect(step);
  } else {
    b.Add(step);
  }
  return absl::OkStatus();
}

// `path`, and wherever else a bind mount shows the same file.
absl::Status Mask(PlanBuilder& b, const PathRule& rule, const std::string& path, const PathFacts* found,
                  bool optional) {
  if (absl::Status status = MaskPath(b, rule, path, found, optional); !status.ok()) return status;
  const auto aliases = b.facts.workspace.aliases.find(path);
  if (aliases == b.facts.workspace.aliases.end()) return absl::OkStatus();
  for (const std::string& alias : aliases->second) {
    const PathFacts* const same = b.Find(alias);
    if (same == nullptr || same->type == PathType::kAbsent) continue;
    if (absl::Status status = MaskPath(b, rule, alias, same, true); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status MaskLiteral(PlanBuilder& b, const PathRule& rule) {
  const PathFacts* const found = b.Find(rule.path);
  if (found == nullptr || found->type == PathType::kAbsent) return absl::OkStatus();
  const std::string path = b.InGrant(rule.path);
  const bool straight = found->type != PathType::kSymlink && (found->real_path == path || !found->crosses_symlink);
  if (straight) return Mask(b, rule, path, found, false);
  if (b.GrantOf(path) != nullptr) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_crosses_symlink",
                       absl::StrCat("filesystem.deny_read ", rule.text, " crosses a symbolic link in the workspace"));
  }
  if (found->real_path.empty()) return absl::OkStatus();  // dangling
  const PathFacts* const real = b.Find(found->real_path);
  return Mask(b, rule, found->real_path, real, false);
}

absl::Status MaskMatches(PlanBuilder& b, const PathRule& rule) {
  const auto matches = b.facts.workspace.globs.find(rule.path);
  if (matches != b.facts.workspace.globs.end()) {
    for (const std::string& match : matches->second) {
      const PathFacts* const found = b.Find(match);
      const bool link = found != nullptr && found->type == PathType::kSymlink;
      const std::string& path = link && !found->real_path.empty() ? found->real_path : match;
      RETURN_IF_ERROR(Mask(b, rule, path, link ? b.Find(path) : found, true));
    }
  }
  return absl::OkStatus();
}

// `exposed`: how many paths were out of the sandbox's hands before this rule.
void DecideMask(PlanBuilder& b, const PathRule& rule, size_t exposed) {
  const std::string name = absl::StrCat("filesystem.deny_read ", rule.text);
  if (b.exposed.size() > exposed) {
    b.Decide(name, Verdict::kNotEnforced, "none",
             absl::StrCat(b.exposed.back(), " lies in a writable grant, in which Landlock alone can hide nothing"));
    return;
  }
  const bool view = b.has_view();
  if (rule.glob) {
    b.Decide(name, Verdict::kApproximated,
             view ? "each match at the start is covered by an unreadable mount"
                  : "each match at the start is left out of what may be read",
             "files that come to match during the run");
  } else if (view && b.IgnoresCase() && b.GrantOf(b.InGrant(rule.path)) != nullptr) {
    b.Decide(name, Verdict::kApproximated, "covered by an unreadable mount", kOtherSpellings);
  } else {
    b.Decide(name, Verdict::kEnforced, view ? "covered by an unreadable mount" : "left out of what may be read");
  }
}

// Paddock's own state is nobody's business inside. With a kept home it holds what a run before wrote, and is made by
// the launcher if it is missing.
void MaskState(PlanBuilder& b) {
  if (b.facts.leases.state_dir.empty()) return;
  const std::string state = b.RealPath(b.facts.leases.state_dir);
  if (!b.has_view()) {
    b.hidden.push_back(state);  // made for the run, if it is not there
    return;
  }
  const PathFacts* const found = b.Find(state);
  const bool there = found != nullptr && found->type == PathType::kDirectory;
  if ((!there && !b.keeps_home) || b.IsOutOfView(state)) return;
  MountStep step;
  step.op = MountOp::kMask;
  step.target = state;
  step.optional = b.keeps_home;
  b.Add(step);
}

}  // namespace

absl::Status PlanMasks(PlanBuilder& b) {
  for (const PathRule& rule : b.request.deny_read) {
    const size_t exposed = b.exposed.size();
    RETURN_IF_ERROR(rule.glob ? MaskMatches(b, rule) : MaskLiteral(b, rule));
    DecideMask(b, rule, exposed);
  }
  MaskState(b);
  return absl::OkStatus();
}

}  // namespace paddock
