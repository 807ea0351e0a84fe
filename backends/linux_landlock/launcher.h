#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCHER_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCHER_H_

#include <memory>
#include <string>

#include "core/backend/launcher.h"

namespace paddock {

struct LinuxLauncherOptions {
  // Where journals of placeholders live; created (mode 0700) when the first one is written. See lease.h.
  std::string state_dir;
};

// Carries out LinuxPlans of tier `namespaces`. Linux only.
std::unique_ptr<Launcher> MakeLinuxLandlockLauncher(LinuxLauncherOptions options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCHER_H_
