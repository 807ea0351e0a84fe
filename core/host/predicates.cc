#include "core/host/predicates.h"

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
