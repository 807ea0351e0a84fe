#include "core/host/predicates.h"

#include "absl/strings/match.h"

namespace paddock {

bool IsProOrHigher(WindowsSku sku) {
  return sku == WindowsSku::kPro || sku == WindowsSku::kProWorkstation || sku == WindowsSku::kEnterprise ||
         sku == WindowsSku::kEducation;
}

bool CanRunVirtualMachines(const WindowsFacts& windows) {
  const bool off_in_firmware = windows.virtualization_firmware.no() && !windows.hypervisor.yes();
  return !windows.nested_virtualization.no() && !off_in_firmware;
}

bool WindowsSandboxUsable(const WindowsFacts& windows) {
  return IsProOrHigher(windows.sku) && windows.windows_sandbox_enabled.yes() &&
         !windows.windows_sandbox_installed.no() && CanRunVirtualMachines(windows);
}

bool IsUsableWsl2(const WslDistribution& distribution) {
  return distribution.installed.yes() && distribution.version.value == 2;
}

const WslDistribution* WslDistributionFor(const Facts& facts) {
  const auto& distributions = facts.host.windows_host.distributions;
  if (facts.workspace.location == WorkspaceLocation::kWslDistribution) {
    for (const WslDistribution& distribution : distributions) {
      // \\wsl.localhost\ takes the name in any case.
      if (absl::EqualsIgnoreCase(distribution.name, facts.workspace.wsl_distribution)) return &distribution;
    }
    return nullptr;
  }
  const WslDistribution* found = nullptr;
  for (const WslDistribution& distribution : distributions) {
    if (!IsUsableWsl2(distribution)) continue;
    if (found == nullptr || (distribution.is_default && !found->is_default)) found = &distribution;
  }
  return found;
}

bool Wsl2Usable(const Facts& facts) {
  const WindowsFacts& windows = facts.host.windows_host;
  const WslDistribution* distribution = WslDistributionFor(facts);
  return !windows.wsl_installed.no() && distribution != nullptr && IsUsableWsl2(*distribution) &&
         CanRunVirtualMachines(windows);
}

bool IsOnNetwork(const WorkspaceFacts& workspace) {
  return workspace.location == WorkspaceLocation::kUnc || workspace.location == WorkspaceLocation::kMappedDrive ||
         workspace.location == WorkspaceLocation::kNetworkFilesystem;
}

bool IsLocalWithAcls(const WorkspaceFacts& workspace) {
  const bool local =
      workspace.location == WorkspaceLocation::kLocal || workspace.location == WorkspaceLocation::kRemovable;
  return local && workspace.persistent_acls.yes();
}

}  // namespace paddock
