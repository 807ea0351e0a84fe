#include "backends/linux_landlock/plan_builder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"

namespace paddock {
namespace {

int Strength(MountOp op) {
  switch (op) {
    case MountOp::kMask:
      return 3;
    case MountOp::kReadOnly:
      return 2;
    case MountOp::kCover:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

const PathFacts* PlanBuilder::Find(const std::string& path) const {
  const auto found = facts.workspace.paths.find(path);
  return found == facts.workspace.paths.end() ? nullptr : &found->second;
}

bool PlanBuilder::IsLeased(const std::string& path) const {
  return std::any_of(facts.leases.leases.begin(), facts.leases.leases.end(),
                     [&](const Lease& lease) { return lease.kind == "placeholder" && lease.path == path; });
}

bool PlanBuilder::IsAbsent(const std::string& path) const {
  const PathFacts* const found = Find(path);
  return found == nullptr || found->type == PathType::kAbsent || IsLeased(path);
}

std::string PlanBuilder::RealPath(const std::string& path) const {
  const PathFacts* const found = Find(path);
  return found == nullptr || found->real_path.empty() ? path : found->real_path;
}

std::string PlanBuilder::InGrant(const std::string& path) const {
  if (request.workspace.empty() || !PathIsWithin(path, request.workspace)) return path;
  return JoinPath(facts.workspace.root.real_path, PathBelow(path, request.workspace));
}

const PlanBuilder::Grant* PlanBuilder::GrantOf(absl::string_view path) const {
  for (const Grant& grant : grants) {
    if (PathIsWithin(path, grant.path)) return &grant;
  }
  return nullptr;
}

bool PlanBuilder::IsInHostTmp(const std::string& path) const {
  if (request.policy.filesystem.tmp != TmpMode::kHost || GrantOf(path) != nullptr) return false;
  return PathIsWithin(path, "/tmp") || PathIsWithin(path, "/var/tmp");
}

// The host's /tmp is written without being a grant, so that no directory of it can be held in place. A home there is
// its own mount.
absl::Status PlanBuilder::CheckHeld(absl::string_view rule, const std::string& path) const {
  const std::string& home = facts.host.home;
  if (!IsInHostTmp(path) || (!home.empty() && PathIsWithin(path, home))) return absl::OkStatus();
  return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_in_host_tmp",
                     absl::StrCat(rule, ": ", path, " lies in the host's own temporary directory"));
}

std::string PlanBuilder::PrivateRootOf(absl::string_view path) const {
  std::string root;  // the deepest comes last
  for (const auto& [target, step] : steps) {
    if (step.op == MountOp::kPrivate && PathIsWithin(path, target)) root = target;
  }
  return root;
}

bool PlanBuilder::IsOutOfView(const std::string& path) const {
  size_t covered = 0, shown = 0;
  for (const auto& [target, step] : steps) {
    if (!PathIsWithin(path, target)) continue;
    if (step.op == MountOp::kPrivate) covered = std::max(covered, target.size());
    if (step.op == MountOp::kBind || step.op == MountOp::kHome) shown = std::max(shown, target.size());
  }
  return covered > shown || (body.minimal_root && shown == 0);
}

bool PlanBuilder::CanHold(const std::string& path) const {
  if (body.tier != LinuxTier::kBubblewrap) return true;
  const PathFacts* const found = Find(path);
  return found == nullptr || found->type != PathType::kSymlink;
}

void PlanBuilder::Hold(const std::string& path, PlaceholderKind kind) {
  if (!has_view()) return;
  const Placeholder placeholder = {path, kind};
  const auto& planned = body.placeholders;
  if (std::find(planned.begin(), planned.end(), placeholder) == planned.end()) body.placeholders.push_back(placeholder);
}

void PlanBuilder::Protect(MountStep step) {
  if (!has_view()) return;
  const auto [at, inserted] = inner.emplace(step.target, step);
  if (!inserted && Strength(step.op) > Strength(at->second.op)) at->second = std::move(step);
}

void PlanBuilder::PinAbove(const std::string& path) {
  const Grant* const grant = GrantOf(path);
  if (grant == nullptr) return;
  for (std::string above(ParentPath(path)); above != grant->path && PathIsWithin(above, grant->path);
       above = std::string(ParentPath(above))) {
    MountStep pin;
    pin.op = MountOp::kPin;
    pin.target = above;
    if (const PathFacts* const known = Find(above); known != nullptr && !IsAbsent(above)) {
      pin.identity = {known->device, known->inode};
    }
    Protect(std::move(pin));
  }
}

bool PlanBuilder::HoldsGrant(absl::string_view path) const {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) { return PathIsWithin(grant.path, path); });
}

void PlanBuilder::HoldInPlace(const std::string& path, const PathFacts& found, bool optional) {
  const auto hold = [&](const std::string& target, const PathFacts& facts_of) {
    if (GrantOf(target) == nullptr) return;
    if (facts_of.type == PathType::kUnreadable) return shut.push_back(target);
    if (!CanHold(target)) unheld.push_back(target);
    MountStep step;
    step.op = MountOp::kReadOnly;
    step.target = target;
    step.directory = facts_of.type == PathType::kDirectory;
    step.optional = optional;
    if (!optional) step.identity = {facts_of.device, facts_of.inode};
    PinAbove(target);
    Protect(std::move(step));
  };
  hold(path, found);
  if (found.type != PathType::kSymlink || found.real_path.empty()) return;
  for (const std::string& via : found.via) {
    const PathFacts* const on_the_way = Find(via);
    if (on_the_way != nullptr && on_the_way->type == PathType::kSymlink) {
      hold(via, *on_the_way);
    } else if (const Grant* const grant = GrantOf(via); grant != nullptr && grant->path != via) {
      PinAbove(absl::StrCat(via, "/."));
    }
  }
  const PathFacts* const real = Find(found.real_path);
  if (real != nullptr && !HoldsGrant(found.real_path)) hold(found.real_path, *real);
}

bool PlanBuilder::IgnoresCase() const {
  return facts.workspace.location == WorkspaceLocation::kDrvfs && !facts.workspace.case_insensitive.no();
}

void PlanBuilder::Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing) {
  plan.verdicts.push_back({rule, verdict, std::move(mechanism), std::move(missing)});
}

void PlanBuilder::DecideProtected(const std::string& rule, std::string mechanism, std::string missing) {
  if (has_view()) {
    if (IgnoresCase() && missing.empty()) missing = kOtherSpellings;
    const Verdict verdict = missing.empty() ? Verdict::kEnforced : Verdict::kApproximated;
    return Decide(rule, verdict, std::move(mechanism), std::move(missing));
  }
  Decide(rule, Verdict::kNotEnforced, "compared after the run", "Landlock alone cannot say read-only inside writable");
}

void PlanBuilder::WatchProtected(const std::string& path, const std::string& rule, const std::string& why) {
  body.watched.push_back({path, rule, why, /*violation=*/true, /*deep=*/!has_view() || IgnoresCase()});
}

}  // namespace paddock
