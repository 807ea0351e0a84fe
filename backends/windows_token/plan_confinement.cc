#include <string>
#include <utility>
#include <vector>

#include "backends/windows_token/plan_builder.h"
#include "core/windows_plan/confinement.h"

namespace paddock {
namespace {

constexpr char kEveryone[] = "S-1-1-0";

// The job cannot nest in another with limits on windows (Microsoft Learn, "Nested Jobs"): where one may be around, the
// desktop alone keeps windows apart.
bool HasUiLimits(const TokenPlanBuilder& b) { return b.dedicated() || b.facts.host.windows_host.in_job.no(); }

}  // namespace

void PlanToken(TokenPlanBuilder& b) {
  TokenSpec& token = b.body.token;
  for (const WritableRoot& root : b.body.roots) token.restricting.push_back(root.capability);
  // Everyone: without it nothing can be opened for writing that programs expect to be anybody's, consoles and the null
  // device among them.
  token.restricting.insert(token.restricting.end(), {"{run}", "{logon}", kEveryone});
  // With more for {logon}, one run could write into the processes of another.
  token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GA;;;{run})(A;;GRGX;;;{logon})";
  if (!b.dedicated()) return;
  token.restricting.push_back("{user}");
  // SYNCHRONIZE and PROCESS_QUERY_LIMITED_INFORMATION: whoever ends the tree waits until each process of it is gone.
  absl::StrAppend(&token.default_dacl, "(A;;0x101000;;;{developer})");
}

void PlanJob(TokenPlanBuilder& b) {
  const LimitsPolicy& limits = b.request.policy.limits;
  b.body.limits = limits;
  b.body.job = JobFor(limits, HasUiLimits(b));
  DecideLimits(limits, b.plan.promised[Guarantee::kLimits] == limits_level::kTree, &b.plan.verdicts);
}

void PlanDesktop(TokenPlanBuilder& b) {
  DesktopSpec& desktop = b.body.desktop;
  desktop.own_station =
      b.request.policy.workload != Workload::kComputerUse && b.facts.host.windows_host.window_station.yes();
  if (desktop.own_station) desktop.station = "paddock-{run}";
  desktop.desktop = "paddock-{run}";
  desktop.descriptor = "D:(A;;GA;;;{user})(A;;GA;;;{run})";

  std::vector<std::string> environment = std::move(b.body.process.environment);
  b.body.process = ProcessFor(b.request, b.request.cwd.empty() ? kRunFolder : b.Located(b.request.cwd));
  b.body.process.environment = std::move(environment);
}

}  // namespace paddock
