#include "backends/windows_sandbox/assess.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/plan_builder.h"
#include "core/backend/assessment_builder.h"
#include "core/host/predicates.h"

namespace paddock {
namespace {

constexpr int kFirstBuild = 18342;  // Microsoft Learn, "Windows Sandbox", prerequisites

void CheckEdition(const WindowsFacts& windows, AssessmentBuilder& builder) {
  switch (windows.sku) {
    case WindowsSku::kHome:
      builder.Block("sku_home_no_hyperv", "this is Windows Home");
      return;
    case WindowsSku::kServer:
      builder.Block("sku_server_no_windows_sandbox", "this is Windows Server");
      return;
    case WindowsSku::kUnknown:
      builder.Block("sku_unknown", "the edition of Windows is not known");
      return;
    default:
      break;
  }
  if (windows.build.known() && *windows.build.value < kFirstBuild) {
    builder.Block("windows_build_too_old", absl::StrCat("this is build ", *windows.build.value));
  }
}

void CheckFeature(const WindowsFacts& windows, AssessmentBuilder& builder) {
  if (!IsProOrHigher(windows.sku)) return;
  if (windows.windows_sandbox_enabled.no()) {
    builder.Block("feature_disabled", "the feature Windows Sandbox is switched off");
  } else if (windows.windows_sandbox_installed.no()) {
    builder.Block("feature_absent", "neither WindowsSandbox.exe nor wsb.exe is there");
  } else if (windows.windows_sandbox_enabled.unknown()) {
    builder.Block("feature_unknown", "it is not known whether the feature Windows Sandbox is on");
  }
  if (windows.nested_virtualization.no()) {
    builder.Block("vm_without_nesting", "Windows Sandbox is a virtual machine, and this one cannot run any");
  } else if (!CanRunVirtualMachines(windows)) {
    builder.Block("virtualization_disabled", "Windows Sandbox is a virtual machine");
  }
  if (windows.windows_sandbox_running.yes()) {
    builder.Block("sandbox_instance_running", "another Windows Sandbox is running");
  }
}

// The service that runs the machine has neither the user's drive letters nor the user's connections.
void CheckPlace(const WorkspaceFacts& workspace, AssessmentBuilder& builder) {
  switch (workspace.location) {
    case WorkspaceLocation::kUnc:
    case WorkspaceLocation::kNetworkFilesystem:
      builder.Block("workspace_on_network", "a machine gets folders of local drives only");
      break;
    case WorkspaceLocation::kMappedDrive:
      builder.Block("workspace_on_mapped_drive", "a machine gets folders of local drives only");
      break;
    case WorkspaceLocation::kWslDistribution:
      builder.Block("workspace_in_wsl", "a machine gets folders of local drives only");
      break;
    default:
      break;
  }
}

void ReachWorkspace(const Request& request, AssessmentBuilder& builder) {
  const WorkspaceMode mode = ModeFor(request);
  builder.Reach(Guarantee::kWorkspace, mode == WorkspaceMode::kNone   ? workspace_level::kNone
                                       : mode == WorkspaceMode::kCopy ? workspace_level::kCopy
                                                                      : workspace_level::kMapped);
  const bool writable_mapping = !request.write.empty() && mode != WorkspaceMode::kCopy;
  builder.Reach(Guarantee::kWrite, writable_mapping ? write_level::kConfined : write_level::kDisposable);
  if (writable_mapping) {
    builder.AddRisk("mapped_writes",
                    "what is written into a mapped folder is on the host; protected names are checked "
                    "after the run only");
  }
}

// A folder is mapped with all that is in it.
void ReachRead(const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  const bool exposed = SecretsMayBeMapped(request, facts);
  builder.Reach(Guarantee::kRead, exposed ? read_level::kNone : read_level::kAllowlisted);
  if (!exposed) return;
  builder.WeakenedBy("secrets_in_mapped_folder",
                     "filesystem.deny_read names, or may match, what lies in a folder that the machine gets whole");
}

}  // namespace

Assessment AssessWindowsSandbox(const Request& request, const Facts& facts) {
  const WindowsFacts& windows = facts.host.windows_host;
  AssessmentBuilder builder(request, facts);
  builder.Meet(Condition::kOpenBinaries, Meets::kYes, "any binary that the virtual machine has");
  builder.Meet(Condition::kHostWorkspace, Meets::kNo, "mapped folders and a cold start, not the live checkout");
  builder.Meet(Condition::kNoAdmin, Meets::kPartial, "the feature has to be enabled; absent on Home");
  builder.Meet(Condition::kTree, Meets::kYes, "everything is inside the machine");
  if (!builder.RequireHost(OsFamily::kWindows)) return std::move(builder).Take();

  CheckEdition(windows, builder);
  CheckFeature(windows, builder);
  builder.CheckWorkspace();
  if (!request.workspace.empty()) CheckPlace(facts.workspace, builder);
  builder.CheckWindowsCommand();
  builder.CheckBroker();
  if (request.tty == TtyMode::kAlways) {
    builder.Block("terminal_unsupported", "a terminal was asked for, and the machine answers through a mailbox folder");
  }

  ReachWorkspace(request, builder);
  ReachRead(request, facts, builder);
  builder.Reach(Guarantee::kNetwork,
                request.policy.network.mode == NetworkMode::kOpen ? network_level::kOpen : network_level::kOff);
  // The guest's watchdog shuts the machine down when the launcher's heartbeat stops.
  builder.Reach(Guarantee::kTree, tree_level::kContained);
  builder.Reach(Guarantee::kProcess, process_level::kIsolated);
  builder.Reach(Guarantee::kUi, ui_level::kSeparateMachine);
  builder.Reach(Guarantee::kLimits, limits_level::kNone);
  builder.Reach(Guarantee::kHostChange, host_change_level::kNone);
  builder.AddRisk("mailbox_only", "exit status and output come back through a folder, and are hostile input");
  builder.AddRisk("limits_wall_memory", "of the limits only wall clock and the machine's memory hold");
  builder.AddRisk("guest_watchdog",
                  "the command is an administrator in the machine and may end the program that watches the launcher: "
                  "then a machine whose launcher was killed stays until somebody closes its window");
  return std::move(builder).Take();
}

}  // namespace paddock
