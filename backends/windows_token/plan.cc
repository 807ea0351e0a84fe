#include "backends/windows_token/plan.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/assess.h"
#include "backends/windows_token/plan_builder.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/windows_plan/confinement.h"

namespace paddock {
namespace {

// Journals are written there before anything is changed.
absl::Status CheckStateDirectory(const Facts& facts) {
  const auto parsed = WindowsPath::Parse(facts.leases.state_dir);
  if (parsed.ok() && parsed->IsAbsolute()) return absl::OkStatus();
  return ReasonError(absl::StatusCode::kFailedPrecondition, "state_dir_unusable",
                     "no directory is known where Paddock could write down what it changes");
}

absl::Status CheckCommand(const Request& request) {
  if (!request.command.empty() && !request.command.front().empty()) return absl::OkStatus();
  return ReasonError(absl::StatusCode::kFailedPrecondition, "command_empty", "the request has no command");
}

void DecideReads(TokenPlanBuilder& b) {
  const bool minimal = b.request.policy.filesystem.read == ReadMode::kMinimal;
  b.Decide("filesystem.read", minimal ? Verdict::kNotEnforced : Verdict::kEnforced,
           b.dedicated() ? "the dedicated user's own rights" : "the user's own rights",
           minimal ? "the host can be read as it is" : "");
}

void ListLeases(TokenPlanBuilder& b) {
  for (const WritableRoot& root : b.body.roots) {
    b.plan.leases.push_back({"access control entries", root.path});
    for (const AbsentName& name : root.absent) {
      b.plan.leases.push_back({name.placeholder ? "placeholder" : "quarantine", name.path});
    }
  }
  for (const OwnFolder& folder : b.body.folders) {
    if (!folder.kept) b.plan.leases.push_back({"run folder", folder.path});
  }
}

absl::Status Fill(TokenPlanBuilder& b) {
  b.places.Add(b.request.workspace, b.facts.workspace.root.real_path);
  RETURN_IF_ERROR(PlanGrants(b));
  RETURN_IF_ERROR(PlanProtectedNames(b));
  PlanRepositories(b);
  DecideReads(b);
  PlanEnvironment(b);
  DecideSockets(b.request, &b.plan.verdicts);
  PlanToken(b);
  PlanJob(b);
  PlanDesktop(b);
  ListLeases(b);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LaunchPlan> PlanWindowsToken(absl::string_view tier, const Request& request, const Facts& facts) {
  if (!tier.empty()) {
    return ReasonError(absl::StatusCode::kNotFound, "unknown_tier", absl::StrCat("windows_token has no tier ", tier));
  }
  const Assessment assessment = AssessWindowsToken(request, facts);
  if (!assessment.usable()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, assessment.blockers.front());
  }
  RETURN_IF_ERROR(CheckStateDirectory(facts));
  RETURN_IF_ERROR(CheckCommand(request));
  auto body = std::make_shared<WindowsTokenPlan>();
  body->dedicated_user = UsesDedicatedUser(request, facts);
  body->filtered_network = body->dedicated_user && request.policy.network.mode != NetworkMode::kOpen;
  body->state_dir = facts.leases.state_dir;
  LaunchPlan plan;
  plan.backend = {"windows_token", ""};
  plan.promised = assessment.reached;
  plan.risks = assessment.risks;
  TokenPlanBuilder builder{request, facts, *body, plan, Places(facts)};
  RETURN_IF_ERROR(Fill(builder));
  plan.body = std::move(body);
  return plan;
}

}  // namespace paddock
