#ifndef PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCHER_H_
#define PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCHER_H_

#include <memory>

#include "core/backend/launcher.h"

namespace paddock {

class LaunchRecorder;
class LowEnforcement;

struct LowIntegrityLauncherOptions {
  LowIntegrityLauncherOptions();
  LowIntegrityLauncherOptions(LowIntegrityLauncherOptions&&) noexcept;
  LowIntegrityLauncherOptions& operator=(LowIntegrityLauncherOptions&&) noexcept;
  ~LowIntegrityLauncherOptions();

  std::unique_ptr<LowEnforcement> enforcement;  // MakeLowEnforcement(); required
  LaunchRecorder* recorder = nullptr;           // hears the calls; outlives the launcher
};

// Carries out plans of low_integrity. What the system says of the token is compared with what was ordered before
// anything is copied, and again of the command's own process before it runs; the label of the run's folder, too. Where
// anything differs, as it does under Wine, the launch ends as Unavailable (`readback_failed`), and the run's folder is
// gone.
//
// A copy that the run has changed is moved to where the plan keeps it, its labels taken away, and a notice of the
// report names the place; one that it has not changed goes with the run's folder.
//
// Of the sandbox: as that of windows_token (its launcher.h), but that the command has its windows on the caller's
// desktop.
std::unique_ptr<Launcher> MakeLowIntegrityLauncher(LowIntegrityLauncherOptions options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCHER_H_
