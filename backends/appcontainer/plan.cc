#include "backends/appcontainer/plan.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/appcontainer/assess.h"
#include "backends/appcontainer/plan_builder.h"
#include "core/access/app_container.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/windows_plan/confinement.h"
#include "core/windows_plan/environment.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
}

absl::Status CheckRequest(const Request& request, const Facts& facts) {
  // Journals are written there before anything is changed.
  const auto state = WindowsPath::Parse(facts.leases.state_dir);
  if (!state.ok() || !state->IsAbsolute()) {
    return Refuse("state_dir_unusable", "no directory is known where Paddock could write down what it changes");
  }
  if (request.command.empty() || request.command.front().empty()) {
    return Refuse("command_empty", "the request has no command");
  }
  return absl::OkStatus();
}

absl::Status PlanPackage(AppContainerBuilder& b) {
  PackageSpec& package = b.body.package;
  package.name = "paddock.{run}";
  package.display_name = "A run of Paddock";
  package.lpac = b.facts.host.windows_host.lpac.yes();
  for (const std::string& name : b.request.policy.capabilities) {
    const auto sid = access::CapabilitySid(name);
    if (!sid.ok()) return Refuse("capability_unknown", sid.status().message());
    package.capabilities.push_back({name, sid->ToString()});
  }
  return absl::OkStatus();
}

void DecideReads(AppContainerBuilder& b) {
  if (b.request.policy.filesystem.read == ReadMode::kMinimal) {
    return b.DecideByAbsence("filesystem.read", "what Windows opens to packages, and the grants");
  }
  b.Decide("filesystem.read", Verdict::kApproximated, "what Windows opens to packages, and the grants",
           "a package reads nothing else of the host, though the policy would let it");
}

void PlanVariables(AppContainerBuilder& b) {
  WindowsEnvironment environment(b.request);
  environment.Force("PADDOCK_SANDBOX", b.plan.backend.name);
  b.body.folders.push_back({kRunFolder, absl::StrCat("(A;OICI;0x1301bf;;;", kPackage, ")"), /*kept=*/false});
  for (const char* const name : {"TEMP", "TMP"}) environment.Force(name, kRunFolder);
  if (b.request.policy.filesystem.tmp == TmpMode::kPrivate) {
    b.Decide("filesystem.tmp", Verdict::kEnforced, "TEMP and TMP name a folder of the run's own; the user's is closed");
  } else {
    b.Decide("filesystem.tmp", Verdict::kNotEnforced, "TEMP and TMP name a folder of the run's own",
             "the user's temporary folder is not open to a package");
  }
  if (b.request.policy.filesystem.home == HomeMode::kReadOnly) {
    b.Decide("filesystem.home", Verdict::kApproximated, "nothing in the profile is granted",
             "the profile cannot be read either");
  } else {
    environment.Redirect(BelowDirectory(kRunFolder, "home"));
    b.Decide("filesystem.home", Verdict::kApproximated, "variables of common tools name a folder of the run's own",
             "other programs find the profile closed, and there is no layer over it");
  }
  if (!OpensNetwork(b.request)) environment.GoOffline();
  b.body.process.environment = environment.Entries();
}

// The firewall keeps a package from every address unless a capability opens it, loopback included (Microsoft Learn,
// "Isolating apps with AppContainer").
void DecideNetwork(AppContainerBuilder& b) {
  const std::string declared = absl::StrJoin(b.request.policy.capabilities, ", ");
  const bool asked_open = b.request.policy.network.mode == NetworkMode::kOpen;
  if (OpensNetwork(b.request)) {
    const std::string by = absl::StrCat("the declared capabilities ", declared);
    if (!asked_open) {
      return b.Decide("network.mode", Verdict::kNotEnforced, by, "they open the network, whatever the policy says");
    }
    return b.Decide("network.mode", Verdict::kApproximated, by, "what they do not open, and loopback, stay closed");
  }
  if (asked_open) {
    return b.Decide("network.mode", Verdict::kNotEnforced, "no declared capability opens the network",
                    "declare internetClient to let it out");
  }
  b.Decide("network.mode", Verdict::kEnforced, "the firewall's own filters of packages without a network capability");
}

void ListLeases(AppContainerBuilder& b) {
  b.plan.leases.push_back({"AppContainer profile", b.body.package.name});
  for (const WritableRoot& root : b.body.roots) {
    b.plan.leases.push_back({"access control entries", root.path});
    for (const AbsentName& name : root.absent) b.plan.leases.push_back({"quarantine", name.path});
  }
  for (const OwnFolder& folder : b.body.folders) b.plan.leases.push_back({"run folder", folder.path});
}

absl::Status Fill(AppContainerBuilder& b) {
  b.places.Add(b.request.workspace, b.facts.workspace.root.real_path);
  RETURN_IF_ERROR(PlanPackage(b));
  RETURN_IF_ERROR(PlanPackageGrants(b));
  RETURN_IF_ERROR(PlanPackageNames(b));
  DecideReads(b);
  b.body.process = ProcessFor(b.request, b.request.cwd.empty() ? kRunFolder : b.places.Located(b.request.cwd));
  PlanVariables(b);
  DecideNetwork(b);
  DecideSockets(b.request, &b.plan.verdicts);
  b.body.limits = b.request.policy.limits;
  const bool job_of_its_own = b.facts.host.windows_host.in_job.no();
  b.body.job = JobFor(b.body.limits, /*ui_limits=*/job_of_its_own);
  DecideLimits(b.body.limits, job_of_its_own, &b.plan.verdicts);
  ListLeases(b);
  return absl::OkStatus();
}

}  // namespace

bool OpensNetwork(const Request& request) {
  return std::any_of(request.policy.capabilities.begin(), request.policy.capabilities.end(), IsNetworkCapability);
}

WritableRoot* AppContainerBuilder::RootOf(absl::string_view path) const {
  for (WritableRoot& root : body.roots) {
    if (MayLieIn(path, root.path)) return &root;
  }
  return nullptr;
}

void AppContainerBuilder::DecideByAbsence(const std::string& rule, std::string mechanism) {
  if (body.package.lpac) return Decide(rule, Verdict::kEnforced, std::move(mechanism));
  Decide(rule, Verdict::kApproximated, std::move(mechanism), "what is open to all application packages");
}

absl::StatusOr<LaunchPlan> PlanAppContainer(absl::string_view tier, const Request& request, const Facts& facts) {
  if (!tier.empty()) {
    return ReasonError(absl::StatusCode::kNotFound, "unknown_tier", absl::StrCat("appcontainer has no tier ", tier));
  }
  const Assessment assessment = AssessAppContainer(request, facts);
  if (!assessment.usable()) return ReasonError(absl::StatusCode::kFailedPrecondition, assessment.blockers.front());
  RETURN_IF_ERROR(CheckRequest(request, facts));
  auto body = std::make_shared<AppContainerPlan>();
  body->state_dir = facts.leases.state_dir;
  LaunchPlan plan;
  plan.backend = {"appcontainer", ""};
  plan.promised = assessment.reached;
  plan.risks = assessment.risks;
  AppContainerBuilder builder{request, facts, *body, plan, Places(facts)};
  RETURN_IF_ERROR(Fill(builder));
  plan.body = std::move(body);
  return plan;
}

}  // namespace paddock
