#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCHER_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCHER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/backend/launcher.h"

namespace paddock {

struct WindowsSandboxLauncherOptions {
  std::string guest_program;  // absolute; empty: paddock-guest.exe beside this program
  // How long a cold machine may take until the guest program reports.
  std::chrono::milliseconds boot = std::chrono::minutes(5);
  // How long a machine that was told to end may take before its window is closed by force.
  std::chrono::milliseconds shutdown = std::chrono::seconds(60);
  // What the launcher's own clock of the wall limit gives the machine beyond the limit, to end by itself.
  std::chrono::milliseconds wall_grace = std::chrono::seconds(15);
  // How long the guest program may say nothing, not even that it lives.
  std::chrono::milliseconds silence = std::chrono::seconds(60);
};

// Carries out plans of windows_sandbox. Launch comes back once the guest program has reported from inside; the command
// starts in Wait. Where it does not report in time the machine is ended and the launch is Unavailable
// (`machine_silent`): the command runs only when it is told to, so nothing ran.
//
// Of the sandbox: Write, CloseInput and Resize are Unimplemented, since a mailbox has no way in; the command's input is
// empty. Every signal ends the machine, and the outcome is kSignalled with it. Destroying the sandbox ends the machine;
// when this process dies, the guest program in it does.
std::unique_ptr<Launcher> MakeWindowsSandboxLauncher(WindowsSandboxLauncherOptions options = {});

// Removes the folders that killed runs have left below `state_dir`. Gives their paths; what cannot be removed stands in
// `stuck`, with the reason.
absl::StatusOr<std::vector<std::string>> CollectSandboxFolders(const std::string& state_dir,
                                                               std::vector<std::string>* stuck);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCHER_H_
