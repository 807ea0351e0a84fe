// One run of appcontainer or low_integrity, from its launch to its end, in a process that dies at a call of its choice.
//
//   confined_child BACKEND WORKSPACE STATE CALL COMMAND...
//
// CALL 0: it lives. Once the command runs it says "running"; at the end, how many calls there were that change
// something.
#include <windows.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/platform/windows/wide.h"
#include "tests/windows/call_hook.h"
#include "tests/windows/confined_launch.h"

namespace {

using namespace paddock;

class Nobody : public EventSink {
 public:
  void OnEvent(const Event&) override {}
};

}  // namespace

int wmain(int argc, wchar_t** argv) {
  if (argc < 6) return 2;
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) arguments.push_back(ToUtf8(argv[i]));
  const std::vector<std::string> command(arguments.begin() + 4, arguments.end());
  const ConfinedLaunch run = MakeConfinedLaunch(arguments[0], command, arguments[1], arguments[2]);
  Stdio stdio;
  stdio.in.kind = stdio.out.kind = stdio.err.kind = StreamSpec::Kind::kNull;
  // Not by this program's imports: what it says is none of the launcher's calls.
  const auto write = reinterpret_cast<decltype(&WriteFile)>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "WriteFile")));
  const auto say = [write](const std::string& text) {
    DWORD written = 0;
    write(GetStdHandle(STD_OUTPUT_HANDLE), text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
  };
  Nobody nobody;
  CallHook hook;
  hook.EndAt(std::wcstoul(argv[4], nullptr, 10));
  const auto sandbox = run.launcher->Launch(run.plan, stdio, nobody);
  if (!sandbox.ok()) {
    hook.Stop();
    say(sandbox.status().ToString());
    return 3;
  }
  say("running ");
  (*sandbox)->Wait();
  say(absl::StrCat(hook.Stop()));
  return 0;
}
