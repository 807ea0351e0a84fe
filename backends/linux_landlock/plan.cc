#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/assess.h"
#include "backends/linux_landlock/backend.h"
#include "backends/linux_landlock/landlock_rights.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

absl::Status CheckWorkspace(const Request& request, const Facts& facts) {
  if (request.workspace.empty()) return absl::OkStatus();
  const PathFacts& root = facts.workspace.root;
  if (root.type == PathType::kAbsent || root.real_path.empty()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "workspace_missing",
                       absl::StrCat(request.workspace, " does not exist"));
  }
  if (root.type != PathType::kDirectory && !root.crosses_symlink) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "workspace_not_directory",
                       absl::StrCat(request.workspace, " is not a directory"));
  }
  return absl::OkStatus();
}

void PlanNetwork(PlanBuilder& b) {
  const bool off = b.request.policy.network.mode == NetworkMode::kOff;
  if (!b.has_view()) {
    b.body.network_namespace = false;
    b.body.network_filtered = off;
    b.Decide("network.mode", Verdict::kEnforced,
             off ? "no internet sockets (seccomp); no TCP (Landlock ABI 4 on)" : "the host's network");
    return;
  }
  b.body.network_namespace = off;
  b.Decide("network.mode", Verdict::kEnforced,
           off ? "a network namespace with nothing but loopback; socket families filtered" : "the host's network");
}

// What the host has below a private directory is not in the view, but for what is bound there.
absl::Status CheckWorkingDirectory(const PlanBuilder& b) {
  const std::string cwd = b.RealPath(b.body.cwd);
  const std::string hidden_by = b.PrivateRootOf(cwd);
  if (hidden_by.empty() || cwd == hidden_by) return absl::OkStatus();
  const bool bound = std::any_of(b.steps.begin(), b.steps.end(), [&](const auto& step) {
    const std::string& target = step.first;
    return PathIsWithin(target, cwd) || (PathIsWithin(cwd, target) && target.size() > hidden_by.size());
  });
  if (bound) return absl::OkStatus();
  return ReasonError(
      absl::StatusCode::kFailedPrecondition, "cwd_unusable",
      absl::StrCat("the working directory ", b.body.cwd, " is not in the sandbox, whose ", hidden_by, " is its own"));
}

void PlanCommand(PlanBuilder& b) {
  b.body.command = b.request.command;
  b.body.cwd = b.request.cwd;
  const std::string& workspace = b.request.workspace;
  if (!workspace.empty() && PathIsWithin(b.request.cwd, workspace)) {
    b.body.cwd = JoinPath(b.facts.workspace.root.real_path, PathBelow(b.request.cwd, workspace));
  }
  std::map<std::string, std::string> environment = b.request.environment;
  environment["PADDOCK_SANDBOX"] = ToString(b.plan.backend);
  // Where there is no view, the launcher sets TMPDIR.
  const auto tmp = b.has_view() ? environment.find("TMPDIR") : environment.end();
  if (tmp != environment.end() && b.request.policy.filesystem.tmp == TmpMode::kPrivate) tmp->second = "/tmp";
  const auto runtime = environment.find("XDG_RUNTIME_DIR");
  if (runtime != environment.end() && b.PrivateRootOf(runtime->second) != runtime->second) environment.erase(runtime);
  for (const auto& [name, value] : environment) b.body.environment.push_back(absl::StrCat(name, "=", value));
}

absl::Status CheckAllHeld(const PlanBuilder& b) {
  if (b.has_view() && !b.shut.empty()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_unreadable",
                       absl::StrCat(b.shut.front(),
                                    ", which the policy protects, cannot be looked up, and the command "
                                    "could open the way to it"));
  }
  if (b.unheld.empty()) return absl::OkStatus();
  return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_crosses_symlink",
                     absl::StrCat(b.unheld.front(), " is a symbolic link, which bubblewrap cannot hold in place"));
}

// Below a read-only or covered directory nothing needs a pin, and below a mask nothing can be seen.
void DropCovered(PlanBuilder& b) {
  for (auto at = b.inner.begin(); at != b.inner.end();) {
    const bool covered = std::any_of(b.inner.begin(), b.inner.end(), [&](const auto& other) {
      if (other.first == at->first || !PathIsWithin(at->first, other.first)) return false;
      const MountOp op = other.second.op;
      return op == MountOp::kMask || op == MountOp::kCover ||
             (op == MountOp::kReadOnly && at->second.op != MountOp::kMask);
    });
    at = covered ? b.inner.erase(at) : std::next(at);
  }
}

// Below a mask outside the grants nothing can be placed. Ends on any text: facts may come from a file.
bool IsBelowMask(const PlanBuilder& b, const std::string& path) {
  for (std::string below = path;;) {
    std::string above(ParentPath(below));
    if (above == "/" || above.size() >= below.size()) return false;
    const auto range = b.steps.equal_range(above);
    for (auto at = range.first; at != range.second; ++at) {
      if (at->second.op == MountOp::kMask) return true;
    }
    below = std::move(above);
  }
}

void CollectSteps(PlanBuilder& b) {
  DropCovered(b);
  for (auto& [target, step] : b.inner) b.Add(std::move(step));
  b.body.mounts.reserve(b.steps.size() + 2);
  for (auto& [target, step] : b.steps) {
    if (IsBelowMask(b, target)) continue;
    const bool repeated = !b.body.mounts.empty() && b.body.mounts.back() == step;
    if (!repeated) b.body.mounts.push_back(std::move(step));  // its op, which IsBelowMask asks for, stays
  }
  // /dev last but one: until then the scratch file system is attached there (launch_view.cc).
  // Where no new /proc may be mounted, the outer one stays, read-only like all else.
  const bool keep_proc = b.facts.host.linux_host.fresh_proc.no();
  MountStep step;
  step.op = MountOp::kDev;
  step.target = "/dev";
  b.body.mounts.push_back(step);
  step.op = keep_proc ? MountOp::kBind : MountOp::kProc;
  step.target = "/proc";
  if (keep_proc) step.source = "/proc";
  if (!keep_proc || b.body.minimal_root) b.body.mounts.push_back(step);
}

absl::StatusOr<LinuxTier> ParseTier(absl::string_view name) {
  for (const LinuxTier tier : {LinuxTier::kNamespaces, LinuxTier::kBubblewrap, LinuxTier::kLandlock}) {
    if (Name(tier) == name) return tier;
  }
  return ReasonError(absl::StatusCode::kNotFound, "unknown_backend",
                     absl::StrCat("linux_landlock has no tier named '", name, "'"));
}

class LinuxLandlockBackend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view tier, const Request& request, const Facts& facts) const override {
    return AssessLinuxLandlock(tier.empty() ? kNamespacesTier : tier, request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const override {
    ASSIGN_OR_RETURN(const LinuxTier chosen, ParseTier(tier.empty() ? kNamespacesTier : tier));
    RETURN_IF_ERROR(CheckWorkspace(request, facts));
    auto body = std::make_shared<LinuxPlan>();
    body->tier = chosen;
    if (chosen == LinuxTier::kBubblewrap) body->bubblewrap = facts.host.linux_host.bubblewrap.path;
    LaunchPlan plan;
    plan.backend = {info_.name, std::string(Name(chosen))};
    const Assessment assessment = Assess(Name(chosen), request, facts);
    if (!assessment.usable()) {
      return ReasonError(absl::StatusCode::kFailedPrecondition, assessment.blockers.front());
    }
    plan.promised = assessment.reached;
    plan.risks = assessment.risks;
    body->uid = facts.host.linux_host.uid;
    body->gid = facts.host.linux_host.gid;
    body->workspace = facts.workspace.root.real_path;
    body->landlock_abi = UsedLandlockAbi(facts.host.linux_host);
    body->seccomp_root_caller = body->uid == 0;
    // Where the kernel itself holds perf to a process's own user-mode events (`perf stat` works then).
    constexpr int kOwnEventsOnly = 2;
    body->seccomp_allow_perf = facts.host.linux_host.perf_event_paranoid.value.value_or(0) >= kOwnEventsOnly;
    PlanBuilder builder{request, facts, *body, plan, {}, {}, {}, {}, {}, {}, {}, {}};
    RETURN_IF_ERROR(Fill(builder));
    for (const Placeholder& placeholder : body->placeholders) plan.leases.push_back({"placeholder", placeholder.path});
    if (!body->run_directory.parent.empty()) plan.leases.push_back({"run directory", body->run_directory.parent});
    plan.body = std::move(body);
    return plan;
  }

 private:
  static absl::Status Fill(PlanBuilder& builder) {
    RETURN_IF_ERROR(PlanGrants(builder));
    PlanWsl(builder);
    RETURN_IF_ERROR(builder.has_view() ? PlanView(builder) : PlanRights(builder));
    RETURN_IF_ERROR(PlanProtectedNames(builder));
    RETURN_IF_ERROR(PlanRepositories(builder));
    RETURN_IF_ERROR(CheckAllHeld(builder));
    PlanNetwork(builder);
    PlanLimits(builder);
    PlanCommand(builder);
    if (builder.has_view()) RETURN_IF_ERROR(CheckWorkingDirectory(builder));
    PlanWatch(builder);
    if (!builder.inner.empty()) builder.body.lease_key = builder.facts.leases.key;
    if (builder.has_view()) CollectSteps(builder);
    return absl::OkStatus();
  }

  BackendInfo info_ = {"linux_landlock",
                       "Linux namespaces, Landlock and seccomp",
                       OsFamily::kLinux,
                       {std::string(kNamespacesTier), std::string(kBubblewrapTier), std::string(kLandlockTier)}};
};

}  // namespace

std::unique_ptr<Backend> MakeLinuxLandlockBackend() { return std::make_unique<LinuxLandlockBackend>(); }

}  // namespace paddock
