#include "compose/audit_view.h"

#include <algorithm>
#include <optional>
#include <string>

#include "backends/linux_landlock/linux_plan.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

using audit::Sight;

// nullopt: the step changes nothing about what is seen.
std::optional<Sight> SightOfStep(const MountStep& step) {
  switch (step.op) {
    case MountOp::kBind:
      return step.writable ? Sight::kWritable : Sight::kReadOnly;
    case MountOp::kReadOnly:
    case MountOp::kSymlink:
      return Sight::kReadOnly;
    case MountOp::kMask:
    case MountOp::kCover:
      return Sight::kMasked;
    case MountOp::kPrivate:
    case MountOp::kDev:
    case MountOp::kProc:
      return Sight::kPrivate;
    case MountOp::kHome:
      return Sight::kOverlay;
    case MountOp::kPin:
      return std::nullopt;
  }
  return std::nullopt;
}

// Landlock's rules only add: a path is open if any of them covers it and does not leave it out.
bool IsOpen(const LinuxPlan& plan, const std::string& path, LandlockGrant at_least) {
  return std::any_of(plan.landlock.begin(), plan.landlock.end(), [&](const LandlockRule& rule) {
    const bool enough = rule.grant == LandlockGrant::kReadWrite || rule.grant == at_least;
    return enough && PathIsWithin(path, rule.path) &&
           std::none_of(rule.except.begin(), rule.except.end(),
                        [&](const std::string& left_out) { return PathIsWithin(path, left_out); });
  });
}

// The tier without mounts: Landlock's rules alone tell what may be opened, and nothing stops a connection before ABI 9.
void AddRights(const LinuxPlan& plan, audit::View* view) {
  constexpr int kAbiOfSockets = 9;
  view->minimal_root = true;
  view->any_socket = plan.landlock_abi < kAbiOfSockets;
  const auto add = [&](const std::string& path) {
    const bool writable = IsOpen(plan, path, LandlockGrant::kReadWrite);
    const bool readable = IsOpen(plan, path, LandlockGrant::kRead);
    view->steps.push_back({path, writable ? Sight::kWritable : readable ? Sight::kReadOnly : Sight::kMasked});
  };
  for (const LandlockRule& rule : plan.landlock) {
    if (rule.grant == LandlockGrant::kDevices) continue;
    add(rule.path);
    for (const std::string& left_out : rule.except) add(left_out);
  }
}

}  // namespace

audit::View ViewOfPlan(const LaunchPlan& plan) {
  audit::View view;
  view.planned = true;
  view.backend = ToString(plan.backend);
  const auto* const body = dynamic_cast<const LinuxPlan*>(plan.body.get());
  if (body == nullptr) return view;
  view.minimal_root = body->minimal_root;
  view.landlock_abi = body->landlock_abi;
  if (body->tier == LinuxTier::kLandlock) AddRights(*body, &view);
  for (const MountStep& step : body->mounts) {
    if (const std::optional<Sight> sight = SightOfStep(step)) view.steps.push_back({step.target, *sight});
  }
  for (const WatchedPath& watched : body->watched) {
    if (!watched.violation) view.executed_later.push_back({watched.path, watched.why});
  }
  return view;
}

audit::View ViewWithoutPlan(const Request& request, const Facts& facts) {
  audit::View view;
  for (const PathRule& rule : request.write) {
    const auto found = facts.workspace.paths.find(rule.path);
    const bool known = found != facts.workspace.paths.end() && !found->second.real_path.empty();
    view.steps.push_back({known ? found->second.real_path : rule.path, Sight::kWritable});
  }
  return view;
}

}  // namespace paddock
