#include "backends/appcontainer/assess.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "core/backend/assessment_builder.h"

namespace paddock {
namespace {

// Microsoft Learn, "App capability declarations": the capabilities that open the network.
constexpr absl::string_view kNetworkCapabilities[] = {"internetClient", "internetClientServer",
                                                      "privateNetworkClientServer"};

bool HasNetworkCapability(const Policy& policy) {
  return std::any_of(policy.capabilities.begin(), policy.capabilities.end(), IsNetworkCapability);
}

}  // namespace

bool IsNetworkCapability(absl::string_view name) {
  return std::any_of(std::begin(kNetworkCapabilities), std::end(kNetworkCapabilities),
                     [name](absl::string_view network) { return absl::EqualsIgnoreCase(name, network); });
}

Assessment AssessAppContainer(const Request& request, const Facts& facts) {
  AssessmentBuilder builder(request, facts);
  builder.Meet(Condition::kOpenBinaries, Meets::kNo, "capabilities are declared up front, for one known app");
  builder.Meet(Condition::kHostWorkspace, Meets::kPartial, "by grants in the ACLs of the workspace");
  builder.Meet(Condition::kNoAdmin, Meets::kYes, "set-up and launch as the standard user");
  builder.Meet(Condition::kTree, Meets::kNo, "a firewall rule on the app does not follow its children");
  if (!builder.RequireHost(OsFamily::kWindows)) return std::move(builder).Take();

  if (request.policy.capabilities.empty()) {
    builder.Block("requires_declared_capabilities", "the request declares no capabilities");
  }
  builder.CheckWorkspace();
  builder.CheckAclWorkspace();
  builder.CheckWindowsCommand();
  builder.CheckBroker();

  const bool lpac = facts.host.windows_host.lpac.yes();
  builder.Reach(Guarantee::kWrite, lpac ? write_level::kConfined : write_level::kScoped);
  builder.Reach(Guarantee::kRead, lpac ? read_level::kAllowlisted : read_level::kMasked);
  builder.Reach(Guarantee::kNetwork, HasNetworkCapability(request.policy) ? network_level::kOpen : network_level::kOff);
  // A job of ours needs that none around us forbids it.
  const Fact& in_job = facts.host.windows_host.in_job;
  if (in_job.no()) {
    builder.Reach(Guarantee::kTree, tree_level::kContained);
    builder.Reach(Guarantee::kLimits, limits_level::kTree);
  } else {
    builder.WeakenedBy("in_job", in_job.yes() ? "this process is in a job that forbids what ours needs"
                                              : "it is not known whether a job around this process forbids ours");
  }
  builder.Reach(Guarantee::kProcess, process_level::kIsolated);
  builder.Reach(Guarantee::kUi, ui_level::kShared);
  builder.Reach(Guarantee::kWorkspace, request.workspace.empty() ? workspace_level::kNone : workspace_level::kLive);
  builder.Reach(Guarantee::kHostChange, host_change_level::kLeased);
  if (!lpac) {
    builder.AddRisk("all_application_packages",
                    "what is open to all application packages is open here: no less-privileged AppContainer");
  }
  builder.AddRisk("deny_aces_ignored", "deny entries for the package do not bind it; only absent grants do");
  return std::move(builder).Take();
}

}  // namespace paddock
