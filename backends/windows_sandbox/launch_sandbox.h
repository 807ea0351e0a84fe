#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_SANDBOX_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_SANDBOX_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/windows_sandbox/launch_compare.h"
#include "backends/windows_sandbox/launch_folder.h"
#include "backends/windows_sandbox/launch_machine.h"
#include "backends/windows_sandbox/launch_mail_folder.h"
#include "backends/windows_sandbox/launcher.h"
#include "core/backend/launcher.h"

namespace paddock {

// All that a run holds, in the order in which it came.
struct MachineParts {
  std::unique_ptr<MachineFolder> folder;
  std::unique_ptr<ProtectedNames> names;
  std::unique_ptr<HostMailFolder> mail;
  std::unique_ptr<HostMachine> machine;
  LimitsPolicy limits;
  Stdio stdio;
  WindowsSandboxLauncherOptions options;
};

// Waits for the guest program's report, and takes over what the run consists of.
absl::StatusOr<std::unique_ptr<Sandbox>> BootSandbox(MachineParts parts, EventSink& sink);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_SANDBOX_H_
