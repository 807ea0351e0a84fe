#include <memory>
#include <string>
#include <vector>

#include "backends/windows_token/launch_runner.h"
#include "core/base/windows_command_line.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"

// paddock-runner.exe: started as a dedicated user by the launcher. It has no console: what it has to say goes over its
// pipe, or nowhere.
int WINAPI wWinMain(HINSTANCE, HINSTANCE, wchar_t*, int) {
  using namespace paddock;
  std::vector<std::string> arguments = SplitWindowsCommandLine(ToUtf8(GetCommandLineW()), ArgvRules::kUcrt);
  if (!arguments.empty()) arguments.erase(arguments.begin());
  const std::unique_ptr<Enforcement> enforcement = MakeEnforcement();
  return RunRunner(arguments, *enforcement).ok() ? 0 : 1;
}
