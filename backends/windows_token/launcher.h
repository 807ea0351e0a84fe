#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCHER_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCHER_H_

#include <memory>

#include "core/backend/launcher.h"

namespace paddock {

class DedicatedUsers;
class Enforcement;
class GrantLeases;
class LaunchRecorder;
class RunnerStarter;

struct WindowsTokenLauncherOptions {
  WindowsTokenLauncherOptions();
  WindowsTokenLauncherOptions(WindowsTokenLauncherOptions&&) noexcept;
  WindowsTokenLauncherOptions& operator=(WindowsTokenLauncherOptions&&) noexcept;
  ~WindowsTokenLauncherOptions();

  std::unique_ptr<Enforcement> enforcement;  // MakeEnforcement(); required
  std::unique_ptr<GrantLeases> leases;       // none: a plan with writable roots is Unavailable
  std::unique_ptr<DedicatedUsers> users;     // none: a plan for a dedicated user is Unavailable (`not_provisioned`)
  std::unique_ptr<RunnerStarter> starter;    // MakeLogonStarter(); required where there are users
  LaunchRecorder* recorder = nullptr;        // hears the calls; outlives the launcher
};

// Carries out plans of windows_token. Each step that confines is read back, from the system or from the command's own
// process before it runs; where one is not there the launch ends as Unavailable (`readback_failed`), as it does under
// Wine, before anything on the host has been changed.
//
// A plan for a dedicated user is carried out by paddock-runner.exe, a process of that user's that restricts itself: see
// docs/backends/windows_token_users.md. Where its network is off, the runner first tries to connect to this process:
// a connection that arrives ends the launch (`network_filter_unverified`), and so does a plan that promises a filter
// which was not seen to hold.
//
// Of the sandbox: the command has a console of its own, or a pseudoconsole. Signal with a terminal: 2 (interrupt) types
// Ctrl+C; everything else ends the tree, and so does every signal without a terminal, since Windows hands a Ctrl event
// to the processes of one console alone. The outcome is then kSignalled with that number. Destroying the sandbox, or
// the death of this process, ends the tree by the job.
std::unique_ptr<Launcher> MakeWindowsTokenLauncher(WindowsTokenLauncherOptions options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCHER_H_
