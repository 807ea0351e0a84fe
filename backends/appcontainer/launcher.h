#ifndef PADDOCK_BACKENDS_APPCONTAINER_LAUNCHER_H_
#define PADDOCK_BACKENDS_APPCONTAINER_LAUNCHER_H_

#include <memory>

#include "core/backend/launcher.h"

namespace paddock {

class LaunchRecorder;
class PackageEnforcement;

struct AppContainerLauncherOptions {
  AppContainerLauncherOptions();
  AppContainerLauncherOptions(AppContainerLauncherOptions&&) noexcept;
  AppContainerLauncherOptions& operator=(AppContainerLauncherOptions&&) noexcept;
  ~AppContainerLauncherOptions();

  std::unique_ptr<PackageEnforcement> enforcement;  // MakePackageEnforcement(); required
  LaunchRecorder* recorder = nullptr;               // hears the calls; outlives the launcher
};

// Carries out plans of appcontainer: the profile of a package of the run's own is made, the grants are leased for its
// SID, the command is started in it, suspended, and what the system says of its token is compared with what was
// ordered. Where anything differs the launch ends as Unavailable (`readback_failed`), and all of it is undone. The
// profile stands in a journal below the state directory before it is made; CollectPackages removes what a run that died
// has left.
//
// Of the sandbox: as that of windows_token (its launcher.h), but that the command has its windows on the caller's
// desktop.
std::unique_ptr<Launcher> MakeAppContainerLauncher(AppContainerLauncherOptions options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_LAUNCHER_H_
