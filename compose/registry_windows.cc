#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/appcontainer/launch_enforcement.h"
#include "backends/appcontainer/launcher.h"
#include "backends/low_integrity/launch_enforcement.h"
#include "backends/low_integrity/launcher.h"
#include "backends/windows_sandbox/launcher.h"
#include "backends/windows_sandbox/order.h"
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

// The program for Linux and the guest program are parts of the same release, and lie beside the tool.
std::string ToolDirectory(const Caller& caller, const RuntimeOptions& options) {
  const std::string& tool = options.tool.empty() ? caller.executable : options.tool;
  const size_t at = tool.find_last_of("\\/");
  return at == std::string::npos ? "." : tool.substr(0, at);
}

}  // namespace

const char* const kThisProgram = "";  // what lies beside it is found by the caller's own file

std::unique_ptr<Runtime> MakeRuntime(Caller caller, const RuntimeOptions& runtime_options) {
  const std::string directory = ToolDirectory(caller, runtime_options);
  const std::string state = StateDirectory(caller);
  auto distributions = MakeDistributionProbe({directory, state});
  auto runtime = std::make_unique<Runtime>(
      std::make_unique<WindowsProbe>(std::move(caller), std::move(distributions), MakeSetupProbe(state)));
  RegisterBackends(runtime.get());
  runtime->Register(MakeWsl2Launcher({directory}));
  WindowsTokenLauncherOptions options;
  options.enforcement = MakeEnforcement();
  options.leases = MakeLeaseGrants();
  options.users = MakeDedicatedUsers(state);
  options.starter = MakeLogonStarter();
  runtime->Register(MakeWindowsTokenLauncher(std::move(options)));
  runtime->Register(MakeWindowsSandboxLauncher({absl::StrCat(directory, "\\", kGuestProgram)}));
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
