#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCHER_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCHER_H_

#include <memory>
#include <string>

#include "core/backend/launcher.h"

namespace paddock {

struct LinuxLauncherOptions {
  // Where journals of placeholders live; created (mode 0700) when the first one is written. See lease.h.
  std::string state_dir;
  // The program that tier bubblewrap starts inside, an absolute path: given kInnerStageArgument, it has to call
  // RunInnerStage() (launch_bubblewrap.h) and exit with what that returns. Empty: there is no tier bubblewrap.
  std::string inner_stage;
};

// Carries out LinuxPlans. Linux only.
std::unique_ptr<Launcher> MakeLinuxLandlockLauncher(LinuxLauncherOptions options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCHER_H_
