#include <utility>

#include "backends/appcontainer/launch_enforcement.h"
#include "backends/appcontainer/launcher.h"
#include "backends/low_integrity/launch_enforcement.h"
#include "backends/low_integrity/launcher.h"
#include "backends/windows_sandbox/launcher.h"
#include "backends/windows_token/launch_enforcement.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "backends/windows_token/launch_logon.h"
#include "backends/windows_token/launcher.h"
#include "backends/wsl2/launch_facts.h"
#include "backends/wsl2/launcher.h"
#include "compose/dedicated_users_windows.h"
#include "compose/registry.h"
#include "core/platform/windows/windows_probe.h"

namespace paddock {

std::string StateDirectory(const Caller& caller) { return WindowsProbe(caller).ProbeLeases(Request()).state_dir; }

namespace {

// The program for Linux is a part of the same release, and lies beside this one.
std::string OwnDirectory(const Caller& caller) {
  const size_t at = caller.executable.find_last_of("\\/");
  return at == std::string::npos ? "." : caller.executable.substr(0, at);
}

}  // namespace

const char* const kThisProgram = "";  // no launcher of Windows starts the tool inside

std::unique_ptr<Runtime> MakeRuntime(Caller caller, const RuntimeOptions&) {
  const std::string own_directory = OwnDirectory(caller);
  const std::string state = StateDirectory(caller);
  auto distributions = MakeDistributionProbe({own_directory, state});
  auto runtime = std::make_unique<Runtime>(
      std::make_unique<WindowsProbe>(std::move(caller), std::move(distributions), MakeSetupProbe(state)));
  RegisterBackends(runtime.get());
  runtime->Register(MakeWsl2Launcher({own_directory}));
  WindowsTokenLauncherOptions options;
  options.enforcement = MakeEnforcement();
  options.leases = MakeLeaseGrants();
  options.users = MakeDedicatedUsers(state);
  options.starter = MakeLogonStarter();
  runtime->Register(MakeWindowsTokenLauncher(std::move(options)));
  runtime->Register(MakeWindowsSandboxLauncher());
  AppContainerLauncherOptions package;
  package.enforcement = MakePackageEnforcement();
  runtime->Register(MakeAppContainerLauncher(std::move(package)));
  LowIntegrityLauncherOptions low;
  low.enforcement = MakeLowEnforcement();
  runtime->Register(MakeLowIntegrityLauncher(std::move(low)));
  return runtime;
}

std::optional<int> RunAsInnerStage(const std::vector<std::string>&) { return std::nullopt; }

}  // namespace paddock
