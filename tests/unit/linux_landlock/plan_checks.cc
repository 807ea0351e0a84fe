#include "tests/unit/linux_landlock/plan_checks.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "gtest/gtest.h"

namespace paddock {
namespace {

bool IsBelow(const std::string& path, const std::string& root) { return path != root && PathIsWithin(path, root); }

std::string Described(const MountStep& step) { return absl::StrCat(Name(step.op), " ", step.target); }

std::vector<std::string> GrantsOf(const LinuxPlan& body) {
  std::vector<std::string> grants;
  for (const MountStep& step : body.mounts) {
    if (step.op == MountOp::kBind && step.writable && !step.sticky) grants.push_back(step.target);
  }
  return grants;
}

std::string GrantOf(const LinuxPlan& body, const std::string& path) {
  for (std::string& grant : GrantsOf(body)) {
    if (PathIsWithin(path, grant)) return std::move(grant);
  }
  return "";
}

bool IsPlaceholder(const LinuxPlan& body, const std::string& path) {
  return std::any_of(body.placeholders.begin(), body.placeholders.end(),
                     [&](const Placeholder& placeholder) { return placeholder.path == path; });
}

// Where the name itself lies, links above it resolved.
std::string NameAt(const LinuxScene& scene, const std::string& path) {
  const std::string parent = scene.Look(std::string(ParentPath(path))).real_path;
  return parent.empty() ? "" : JoinPath(parent, PathBasename(path));
}

void ExpectOrder(const LinuxPlan& body) {
  ASSERT_GE(body.mounts.size(), 2u);
  EXPECT_EQ(body.mounts[body.mounts.size() - 2].op, MountOp::kDev);
  EXPECT_EQ(body.mounts.back().op, MountOp::kProc);
  std::set<std::pair<MountOp, std::string>> seen;
  for (size_t i = 0; i < body.mounts.size(); ++i) {
    const MountStep& step = body.mounts[i];
    EXPECT_TRUE(seen.emplace(step.op, step.target).second) << Described(step) << " is there twice";
    EXPECT_TRUE(IsNormalPath(step.target) && IsAbsolutePath(step.target)) << Described(step);
    for (size_t j = 0; j < i; ++j) {
      const MountStep& earlier = body.mounts[j];
      EXPECT_FALSE(IsBelow(earlier.target, step.target)) << Described(step) << " covers " << Described(earlier);
      const bool hides = earlier.op == MountOp::kMask || earlier.op == MountOp::kCover;
      EXPECT_FALSE(hides && IsBelow(step.target, earlier.target)) << Described(step) << " below " << Described(earlier);
    }
  }
}

void ExpectPlaceable(const LinuxScene& scene, const LinuxPlan& body) {
  for (const MountStep& step : body.mounts) {
    const std::string grant = GrantOf(body, step.target);
    if (grant.empty() || step.target == grant || step.op == MountOp::kPrivate || step.op == MountOp::kHome) continue;
    EXPECT_EQ(NameAt(scene, step.target), step.target) << Described(step) << " is reached through a link";
    const bool there = scene.Look(step.target).type != PathType::kAbsent || IsPlaceholder(body, step.target);
    EXPECT_TRUE(there || step.optional) << Described(step) << " has nothing to stand on";
    if (step.op == MountOp::kPin) {
      EXPECT_EQ(Seen(body, step.target), Sees::kWritable) << Described(step);
    }
    if (step.op == MountOp::kCover) {
      EXPECT_TRUE(IsPlaceholder(body, step.target)) << Described(step);
    }
    for (std::string above(ParentPath(step.target)); above != grant; above = std::string(ParentPath(above))) {
      EXPECT_TRUE(Has(body, MountOp::kPin, above) || Seen(body, above) != Sees::kWritable)
          << above << ", above " << Described(step) << ", could be renamed";
    }
  }
}

void ExpectNotWritable(const LinuxScene& scene, const LinuxPlan& body, const PathRule& rule, const std::string& at) {
  if (at.empty() || GrantOf(body, at).empty()) return;
  const WatchedPath* const watched = FindWatched(body, at);
  if (watched != nullptr && watched->violation && scene.Look(at).type == PathType::kAbsent) return;
  EXPECT_NE(Seen(body, at), Sees::kWritable) << rule.path << " (" << rule.text << ") at " << at;
  for (const std::string& path : scene.AllPaths()) {
    if (PathIsWithin(path, at)) {
      EXPECT_NE(Seen(body, path), Sees::kWritable) << path << ", below " << rule.path;
    }
  }
}

void ExpectProtected(const LinuxScene& scene, const LinuxPlan& body) {
  for (const auto* const rules : {&scene.request.deny_write, &scene.request.read_only}) {
    for (const PathRule& rule : *rules) {
      if (rule.glob) continue;
      ExpectNotWritable(scene, body, rule, NameAt(scene, rule.path));
      ExpectNotWritable(scene, body, rule, scene.Look(rule.path).real_path);
    }
  }
  const Facts facts = scene.MakeFacts();
  for (const PathRule& rule : scene.request.deny_write) {
    const auto matches = facts.workspace.globs.find(rule.path);
    if (!rule.glob || matches == facts.workspace.globs.end()) continue;
    for (const std::string& match : matches->second) {
      ExpectNotWritable(scene, body, rule, match);
      ExpectNotWritable(scene, body, rule, scene.Look(match).real_path);
    }
  }
}

void ExpectUnseen(const LinuxScene& scene, const LinuxPlan& body, const PathRule& rule, const std::string& real) {
  if (real.empty() || scene.Look(real).type == PathType::kAbsent) return;
  for (const std::string& path : scene.AllPaths()) {
    if (!PathIsWithin(path, real)) continue;
    const Sees sees = Seen(body, path);
    EXPECT_TRUE(sees == Sees::kHidden || sees == Sees::kPrivate) << path << " of " << rule.text << " is " << sees;
  }
}

void ExpectMasked(const LinuxScene& scene, const LinuxPlan& body) {
  const Facts facts = scene.MakeFacts();
  for (const PathRule& rule : scene.request.deny_read) {
    if (!rule.glob) {
      ExpectUnseen(scene, body, rule, scene.Look(rule.path).real_path);
      continue;
    }
    const auto matches = facts.workspace.globs.find(rule.path);
    if (matches == facts.workspace.globs.end()) continue;
    for (const std::string& match : matches->second) ExpectUnseen(scene, body, rule, scene.Look(match).real_path);
  }
}

void ExpectLeases(const LinuxScene& scene, const LaunchPlan& plan) {
  const LinuxPlan& body = BodyOf(plan);
  const Facts facts = scene.MakeFacts();
  const auto leased = [&](const std::string& path) {
    return std::any_of(facts.leases.leases.begin(), facts.leases.leases.end(),
                       [&](const Lease& lease) { return lease.path == path; });
  };
  std::vector<std::string> leases;
  for (const PlannedLease& lease : plan.leases) leases.push_back(lease.path);
  EXPECT_EQ(leases, Placeholders(body));
  std::set<std::string> made;
  for (const Placeholder& placeholder : body.placeholders) {
    EXPECT_NE(GrantOf(body, placeholder.path), "") << placeholder.path;
    EXPECT_TRUE(scene.Look(placeholder.path).type == PathType::kAbsent || leased(placeholder.path)) << placeholder.path;
    const std::string parent(ParentPath(placeholder.path));
    EXPECT_TRUE(scene.Look(parent).type == PathType::kDirectory || made.contains(parent))
        << placeholder.path << " has no directory to be made in";
    EXPECT_TRUE(made.insert(placeholder.path).second) << placeholder.path << " is made twice";
  }
  if (!body.placeholders.empty()) {
    EXPECT_EQ(body.lease_key, facts.leases.key);
  }
}

void ExpectLandlock(const LinuxPlan& body) {
  for (const std::string& grant : GrantsOf(body)) {
    const bool allowed = std::any_of(body.landlock.begin(), body.landlock.end(), [&](const LandlockRule& rule) {
      return rule.path == grant && rule.grant == LandlockGrant::kReadWrite;
    });
    EXPECT_TRUE(allowed) << grant;
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Sees sees) {
  constexpr const char* kNames[] = {"read-only", "writable", "hidden", "private", "overlaid"};
  return out << kNames[static_cast<size_t>(sees)];
}

Sees Seen(const LinuxPlan& body, const std::string& path) {
  Sees sees = body.minimal_root ? Sees::kHidden : Sees::kReadOnly;
  for (const MountStep& step : body.mounts) {
    if (!PathIsWithin(path, step.target)) continue;
    switch (step.op) {
      case MountOp::kBind:
        sees = step.writable ? Sees::kWritable : Sees::kReadOnly;
        break;
      case MountOp::kReadOnly:
        if (sees == Sees::kWritable || sees == Sees::kOverlay) sees = Sees::kReadOnly;
        break;
      case MountOp::kMask:
      case MountOp::kCover:
        sees = Sees::kHidden;
        break;
      case MountOp::kPrivate:
      case MountOp::kDev:
      case MountOp::kProc:
        sees = Sees::kPrivate;
        break;
      case MountOp::kHome:
        sees = Sees::kOverlay;
        break;
      case MountOp::kPin:
      case MountOp::kSymlink:
        break;
    }
  }
  return sees;
}

const MountStep* FindStep(const LinuxPlan& body, MountOp op, const std::string& target) {
  const auto found = std::find_if(body.mounts.begin(), body.mounts.end(),
                                  [&](const MountStep& step) { return step.op == op && step.target == target; });
  return found == body.mounts.end() ? nullptr : &*found;
}

bool Has(const LinuxPlan& body, MountOp op, const std::string& target) { return FindStep(body, op, target) != nullptr; }

std::vector<std::string> Targets(const LinuxPlan& body, MountOp op) {
  std::vector<std::string> targets;
  for (const MountStep& step : body.mounts) {
    if (step.op == op) targets.push_back(step.target);
  }
  return targets;
}

std::vector<std::string> Placeholders(const LinuxPlan& body) {
  std::vector<std::string> paths;
  for (const Placeholder& placeholder : body.placeholders) paths.push_back(placeholder.path);
  return paths;
}

const WatchedPath* FindWatched(const LinuxPlan& body, const std::string& path) {
  const auto found = std::find_if(body.watched.begin(), body.watched.end(),
                                  [&](const WatchedPath& watched) { return watched.path == path; });
  return found == body.watched.end() ? nullptr : &*found;
}

std::string VerdictOf(const LaunchPlan& plan, const std::string& rule) {
  const auto found = std::find_if(plan.verdicts.begin(), plan.verdicts.end(),
                                  [&](const RuleVerdict& verdict) { return verdict.rule == rule; });
  return found == plan.verdicts.end() ? "none" : std::string(Name(found->verdict));
}

std::string Refusal(const LinuxScene& scene) {
  const absl::StatusOr<LaunchPlan> plan = scene.Plan();
  if (plan.ok()) return "planned";
  const std::optional<Reason> reason = ReasonOf(plan.status());
  return reason.has_value() ? reason->code : std::string(plan.status().message());
}

LaunchPlan PlanOf(const LinuxScene& scene) {
  absl::StatusOr<LaunchPlan> plan = scene.Plan();
  EXPECT_TRUE(plan.ok()) << plan.status();
  if (!plan.ok()) {
    LaunchPlan empty;
    empty.body = std::make_shared<LinuxPlan>();
    return empty;
  }
  ExpectSound(scene, *plan);
  return *std::move(plan);
}

void ExpectSound(const LinuxScene& scene, const LaunchPlan& plan) {
  const LinuxPlan& body = BodyOf(plan);
  ExpectOrder(body);
  ExpectPlaceable(scene, body);
  ExpectProtected(scene, body);
  ExpectMasked(scene, body);
  ExpectLeases(scene, plan);
  ExpectLandlock(body);
}

}  // namespace paddock
