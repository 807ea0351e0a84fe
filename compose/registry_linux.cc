#include <utility>

#include "backends/linux_landlock/launch_bubblewrap.h"
#include "backends/linux_landlock/launcher.h"
#include "compose/registry.h"
#include "core/platform/posix/linux_probe.h"

namespace paddock {
namespace {

std::unique_ptr<LinuxProbe> MakeProbe(Caller caller) {
  ProbeInputs inputs;
  inputs.environment = std::move(caller.environment);
  if (!caller.home.empty()) inputs.environment["HOME"] = caller.home;
  return std::make_unique<LinuxProbe>(std::move(inputs));
}

}  // namespace

std::string StateDirectory(const Caller& caller) { return MakeProbe(caller)->ProbeLeases(Request()).state_dir; }

const char* const kThisProgram = "/proc/self/exe";

std::unique_ptr<Runtime> MakeRuntime(Caller caller, const RuntimeOptions& runtime_options) {
  std::unique_ptr<LinuxProbe> probe = MakeProbe(std::move(caller));
  LinuxLauncherOptions options;
  options.state_dir = probe->ProbeLeases(Request()).state_dir;
  options.inner_stage = runtime_options.tool;
  auto runtime = std::make_unique<Runtime>(std::move(probe));
  RegisterBackends(runtime.get());
  runtime->Register(MakeLinuxLandlockLauncher(std::move(options)));
  return runtime;
}

std::optional<int> RunAsInnerStage(const std::vector<std::string>& args) {
  if (args.size() != 1 || args[0] != kInnerStageArgument) return std::nullopt;
  return RunInnerStage();
}

}  // namespace paddock
