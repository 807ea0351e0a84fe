#include <utility>

#include "backends/windows_sandbox/launcher.h"
#include "backends/windows_token/launch_enforcement.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "backends/windows_token/launcher.h"
#include "compose/registry.h"
#include "core/platform/windows/windows_probe.h"

namespace paddock {

std::string StateDirectory(const Caller& caller) { return WindowsProbe(caller).ProbeLeases(Request()).state_dir; }

const char* const kThisProgram = "";  // no launcher of Windows starts the tool inside

std::unique_ptr<Runtime> MakeRuntime(Caller caller, const RuntimeOptions&) {
  auto runtime = std::make_unique<Runtime>(std::make_unique<WindowsProbe>(std::move(caller)));
  RegisterBackends(runtime.get());
  WindowsTokenLauncherOptions options;
  options.enforcement = MakeEnforcement();
  options.leases = MakeLeaseGrants();
  runtime->Register(MakeWindowsTokenLauncher(std::move(options)));
  runtime->Register(MakeWindowsSandboxLauncher());
  return runtime;
}

std::optional<int> RunAsInnerStage(const std::vector<std::string>&) { return std::nullopt; }

}  // namespace paddock
