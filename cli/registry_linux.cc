#include <utility>

#include "backends/linux_landlock/launcher.h"
#include "cli/registry.h"
#include "core/platform/posix/linux_probe.h"

namespace paddock::cli {
namespace {

std::unique_ptr<LinuxProbe> MakeProbe(Caller caller) {
  ProbeInputs inputs;
  inputs.environment = std::move(caller.environment);
  if (!caller.home.empty()) inputs.environment["HOME"] = caller.home;
  return std::make_unique<LinuxProbe>(std::move(inputs));
}

}  // namespace

std::string StateDirectory(const Caller& caller) { return MakeProbe(caller)->ProbeLeases(Request()).state_dir; }

std::unique_ptr<Runtime> MakeRuntime(Caller caller) {
  std::unique_ptr<LinuxProbe> probe = MakeProbe(std::move(caller));
  LinuxLauncherOptions options;
  options.state_dir = probe->ProbeLeases(Request()).state_dir;
  auto runtime = std::make_unique<Runtime>(std::move(probe));
  RegisterBackends(runtime.get());
  runtime->Register(MakeLinuxLandlockLauncher(std::move(options)));
  return runtime;
}

}  // namespace paddock::cli
