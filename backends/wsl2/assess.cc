#include "backends/wsl2/assess.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/backend/assessment_builder.h"
#include "core/host/predicates.h"

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

void CheckDistribution(const Facts& facts, AssessmentBuilder& builder) {
  const WindowsFacts& windows = facts.host.windows_host;
  const WslDistribution* distribution = WslDistributionFor(facts);
  const std::string& wanted = facts.workspace.wsl_distribution;
  if (windows.wsl_installed.no()) {
    builder.Block("wsl2_absent", "WSL is not installed");
  } else if (distribution == nullptr && IsInsideDistribution(facts)) {
    builder.Block("wsl_distribution_unregistered",
                  absl::StrCat("the workspace's distribution '", wanted, "' is not registered"));
  } else if (distribution == nullptr && HasWsl1Only(windows)) {
    builder.Block("wsl1_only", "every installed distribution is WSL1");
  } else if (distribution == nullptr) {
    builder.Block("wsl2_absent", "no distribution is installed as WSL2");
  } else if (distribution->version.value == 1) {
    builder.Block("wsl1_only", absl::StrCat("distribution '", distribution->name, "' is WSL1"));
  } else if (!IsUsableWsl2(*distribution)) {
    builder.Block("wsl2_absent",
                  absl::StrCat("distribution '", distribution->name, "' is not known to be installed as WSL2"));
  } else if (windows.nested_virtualization.no()) {
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
  const bool all_known =
      distribution->user_namespaces.no() && distribution->bubblewrap.no() && distribution->landlock.no();
  return all_known ? Mechanism::kNothing : Mechanism::kUnknown;
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
  const WslDistribution* distribution = WslDistributionFor(facts);
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
  CheckDistribution(facts, builder);
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
