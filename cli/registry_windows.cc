#include <utility>

#include "cli/registry.h"
#include "core/platform/windows/windows_probe.h"

namespace paddock::cli {

std::string StateDirectory(const Caller& caller) { return WindowsProbe(caller).ProbeLeases(Request()).state_dir; }

std::unique_ptr<Runtime> MakeRuntime(Caller caller) {
  auto runtime = std::make_unique<Runtime>(std::make_unique<WindowsProbe>(std::move(caller)));
  RegisterBackends(runtime.get());
  return runtime;
}

std::optional<int> RunAsInnerStage(const std::vector<std::string>&) { return std::nullopt; }

}  // namespace paddock::cli
