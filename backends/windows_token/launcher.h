#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCHER_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCHER_H_

#include <memory>

#include "core/backend/launcher.h"

namespace paddock {

class Enforcement;
class GrantLeases;
class LaunchRecorder;

struct WindowsTokenLauncherOptions {
  WindowsTokenLauncherOptions();
  WindowsTokenLauncherOptions(WindowsTokenLauncherOptions&&) noexcept;
  WindowsTokenLauncherOptions& operator=(WindowsTokenLauncherOptions&&) noexcept;
  ~WindowsTokenLauncherOptions();

  std::unique_ptr<Enforcement> enforcement;  // MakeEnforcement(); required
  std::unique_ptr<GrantLeases> leases;       // none: a plan with writable roots is Unavailable
  LaunchRecorder* recorder = nullptr;        // hears the calls; outlives the launcher
};

// Carries out plans of windows_token. Each step that confines is read back, from the system or from the command's own
// process before it runs; where one is not there the launch ends as Unavailable (`readback_failed`), as it does under
// Wine, before anything on the host has been changed.
//
// Of the sandbox: the command has a console of its own, or a pseudoconsole. Signal with a terminal: 2 (interrupt) types
// Ctrl+C; everything else ends the tree, and so does every signal without a terminal, since Windows hands a Ctrl event
// to the processes of one console alone. The outcome is then kSignalled with that number. Destroying the sandbox, or
// the death of this process, ends the tree by the job.
std::unique_ptr<Launcher> MakeWindowsTokenLauncher(WindowsTokenLauncherOptions options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCHER_H_
