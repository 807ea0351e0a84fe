#include "backends/wsl2/assess.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/backend/assessment_builder.h"
#include "core/host/predicates.h"
#include "core/host/wsl.h"

namespace paddock {
namespace {

bool IsInsideDistribution(const Facts& facts) {
  return facts.workspace.location == WorkspaceLocation::kWslDistribution;
}

bool HasWsl1Only(const WindowsFacts& windows) {
  for (const WslDistribution& distribution : windows.distributions) {
    if (distribution.installed.yes() && distribution.version.value == 1) return true;
  }
  return false;
}

bool HasForeignOnly(const WindowsFacts& windows) {
  for (const WslDistribution& distribution : windows.distributions) {
    if (IsUsableWsl2(distribution)) return !ProductOfDistribution(distribution.name).empty();
  }
  return false;
}

// Nothing was chosen: why.
void CheckAbsence(const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  const WindowsFacts& windows = facts.host.windows_host;
  const std::string& named = request.policy.backend.wsl_distribution;
  if (IsInsideDistribution(facts) || !named.empty()) {
    const std::string& wanted = IsInsideDistribution(facts) ? facts.workspace.wsl_distribution : named;
    builder.Block("wsl_distribution_unregistered",
                  absl::StrCat(IsInsideDistribution(facts) ? "the workspace's distribution '" : "the distribution '",
                               wanted, "' is not registered"));
  } else if (HasForeignOnly(windows)) {
    builder.Block("wsl_distribution_excluded", "every distribution is a part of another product");
  } else if (HasWsl1Only(windows)) {
    builder.Block("wsl1_only", "every installed distribution is WSL1");
  } else {
    builder.Block("wsl2_absent", "no distribution is installed as WSL2");
  }
}

void CheckChosen(const Request& request, const Facts& facts, const WslDistribution& chosen,
                 AssessmentBuilder& builder) {
  const absl::string_view product = ProductOfDistribution(chosen.name);
  const std::string& named = request.policy.backend.wsl_distribution;
  if (IsInsideDistribution(facts) && !named.empty() && !absl::EqualsIgnoreCase(named, chosen.name)) {
    builder.Block("wsl_distribution_excluded", absl::StrCat("the workspace lies in the distribution '", chosen.name,
                                                            "', and the policy names '", named, "'"));
  } else if (!product.empty()) {
    builder.Block("wsl_distribution_excluded", absl::StrCat("distribution '", chosen.name, "' is a part of ", product));
  } else if (!IsDistributionName(chosen.name)) {
    builder.Block("wsl_distribution_excluded",
                  absl::StrCat("the name of distribution '", chosen.name, "' cannot be handed to wsl.exe"));
  } else if (chosen.version.value == 1) {
    builder.Block("wsl1_only", absl::StrCat("distribution '", chosen.name, "' is WSL1"));
  } else if (!IsUsableWsl2(chosen)) {
    builder.Block("wsl2_absent", absl::StrCat("distribution '", chosen.name, "' is not known to be installed as WSL2"));
  }
}

void CheckDistribution(const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  const WindowsFacts& windows = facts.host.windows_host;
  const WslDistribution* distribution = WslDistributionFor(request, facts);
  if (windows.wsl_installed.no()) {
    builder.Block("wsl2_absent", "WSL is not installed");
    return;
  }
  if (distribution == nullptr) return CheckAbsence(request, facts, builder);
  CheckChosen(request, facts, *distribution, builder);
  if (windows.nested_virtualization.no()) {
    builder.Block("vm_without_nesting", "WSL2 needs a virtual machine, and this one cannot run any");
  } else if (!CanRunVirtualMachines(windows)) {
    builder.Block("virtualization_disabled", "WSL2 needs a virtual machine");
  }
}

void CheckReach(const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  // A workspace inside the distribution says by itself that the command is a Linux one.
  if (request.policy.command_os == CommandOs::kNative && !IsInsideDistribution(facts)) {
    builder.Block("command_is_windows", "the command is a Windows command, and wsl2 runs Linux ones");
  }
  if (!IsOnNetwork(facts.workspace) || facts.workspace.mounted_in_wsl.yes()) return;
  const bool mapped = facts.workspace.location == WorkspaceLocation::kMappedDrive;
  builder.Block(mapped ? "workspace_on_mapped_drive" : "workspace_on_network",
                "the workspace is on the network, and the distribution is not known to have it mounted");
}

// What the relay's Linux side has to work with, as far as it is known.
enum class Mechanism { kUnknown, kNothing, kLandlock, kNamespaces };

Mechanism MechanismOf(const WslDistribution* distribution) {
  if (distribution == nullptr) return Mechanism::kUnknown;
  if (distribution->user_namespaces.yes() || distribution->bubblewrap.yes()) return Mechanism::kNamespaces;
  if (distribution->landlock.yes()) return Mechanism::kLandlock;
  return LacksConfinement(*distribution) ? Mechanism::kNothing : Mechanism::kUnknown;
}

void ReachWithNamespaces(const Request& request, const WslDistribution& distribution, AssessmentBuilder& builder) {
  builder.Reach(Guarantee::kWrite, write_level::kConfined);
  builder.Reach(Guarantee::kTree, tree_level::kContained);
  builder.Reach(Guarantee::kProcess, process_level::kIsolated);
  // WSLg's, X's and Wayland's sockets lie below what is hidden: /mnt/wslg, /tmp, the runtime directory. X's abstract
  // socket is hidden by the network namespace.
  const bool own_network = distribution.network_namespace.yes() && request.policy.network.mode != NetworkMode::kOpen;
  if (request.policy.filesystem.tmp == TmpMode::kPrivate && own_network) {
    builder.Reach(Guarantee::kUi, ui_level::kPrivateDesktop);
  }
  builder.Reach(Guarantee::kNetwork, own_network ? network_level::kOff : network_level::kOpen);
}

// Landlock's ABI inside is not among the facts: truncation counts as open.
void ReachWithLandlock(const Request& request, AssessmentBuilder& builder) {
  builder.Reach(Guarantee::kWrite, write_level::kModifyScoped);
  if (request.policy.network.mode != NetworkMode::kOpen) builder.Reach(Guarantee::kNetwork, network_level::kOff);
}

void ReachLevels(const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  const WslDistribution* distribution = WslDistributionFor(request, facts);
  const Mechanism mechanism = MechanismOf(distribution);
  builder.Reach(Guarantee::kWorkspace, request.workspace.empty() ? workspace_level::kNone : workspace_level::kLive);
  builder.Reach(Guarantee::kHostChange, host_change_level::kRecorded);
  if (distribution == nullptr) return;
  if (mechanism == Mechanism::kNothing) {
    builder.Block("wsl_distro_lacks_landlock", absl::StrCat("distribution '", distribution->name, "' has neither"));
    return;
  }
  if (mechanism == Mechanism::kUnknown) {
    builder.WeakenedBy("wsl_distribution_unprobed",
                       absl::StrCat("distribution '", distribution->name, "' has not been asked"));
    return;
  }
  builder.Reach(Guarantee::kRead,
                request.policy.filesystem.read == ReadMode::kMinimal ? read_level::kAllowlisted : read_level::kMasked);
  builder.Reach(Guarantee::kLimits, limits_level::kPerProcess);
  if (mechanism == Mechanism::kNamespaces) {
    ReachWithNamespaces(request, *distribution, builder);
  } else {
    ReachWithLandlock(request, builder);
  }
}

}  // namespace

Assessment AssessWsl2(const Request& request, const Facts& facts) {
  const bool inside = IsInsideDistribution(facts);
  AssessmentBuilder builder(request, facts);
  builder.Meet(Condition::kOpenBinaries, Meets::kPartial, "Linux binaries");
  builder.Meet(Condition::kHostWorkspace, inside ? Meets::kYes : Meets::kPartial,
               inside ? "the live checkout, where it lies" : "through drvfs: drift, slow small files");
  builder.Meet(Condition::kNoAdmin, Meets::kYes, "once WSL2 is there");
  builder.Meet(Condition::kTree, Meets::kYes, "children inherit namespaces, Landlock and seccomp");
  if (!builder.RequireHost(OsFamily::kWindows)) return std::move(builder).Take();

  if (request.policy.workload != Workload::kCoding) {
    builder.Block("workload_unsupported_on_host", "wsl2 runs the workload coding only");
  }
  CheckReach(request, facts, builder);
  CheckDistribution(request, facts, builder);
  builder.CheckWorkspace();
  builder.CheckBroker();
  ReachLevels(request, facts, builder);

  if (!inside && !request.workspace.empty()) {
    builder.AddRisk(
        "drvfs_name_match",
        "the volume ignores case: protection by name below /mnt is approximated, and checked after the run");
    builder.AddRisk("drvfs_windows_rights", "permissions of files below /mnt are those of the Windows user");
  }
  return std::move(builder).Take();
}

}  // namespace paddock
