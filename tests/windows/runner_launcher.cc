// Launches as a "dedicated user", to be killed: runner_launcher RUNNER COMMAND STATE FATAL. It ends at its FATALth
// step, 0 for none; once the command runs it says "running", and waits.
#include <windows.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "backends/windows_token/token_plan.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/record.h"
#include "tests/windows/compose_only.h"
#include "tests/windows/runner_users.h"

namespace {

using namespace paddock;

constexpr UINT kDead = 77;

class Steps {
 public:
  explicit Steps(unsigned long fatal) : fatal_(fatal) {}
  void Count() {
    if (++steps_ == fatal_) TerminateProcess(GetCurrentProcess(), kDead);
  }

 private:
  const unsigned long fatal_;
  unsigned long steps_ = 0;
};

class Recorder : public LaunchRecorder {
 public:
  explicit Recorder(Steps* steps) : steps_(steps) {}
  void OnCall(absl::string_view, const Json&) override { steps_->Count(); }

 private:
  Steps* const steps_;
};

class Enforcer : public ComposeOnly {
 public:
  explicit Enforcer(Steps* steps) : steps_(steps) {}
  absl::Status CheckJob(HANDLE, const JobSpec&) override {
    steps_->Count();
    return absl::OkStatus();
  }
  absl::Status CheckEntry(AclFile&, const access::Ace&) override {
    steps_->Count();
    return absl::OkStatus();
  }

 private:
  Steps* const steps_;
};

class Starter : public RunnerStarter {
 public:
  explicit Starter(Steps* steps) : steps_(steps), inner_(MakeTestStarter(nullptr)) {}
  absl::StatusOr<RunnerProcess> Start(const DedicatedUser& user, const std::string& line,
                                      const std::string& desktop) override {
    steps_->Count();
    auto started = inner_->Start(user, line, desktop);
    steps_->Count();
    return started;
  }

 private:
  Steps* const steps_;
  const std::unique_ptr<RunnerStarter> inner_;
};

class Nobody : public EventSink {
 public:
  void OnEvent(const Event&) override {}
};

std::shared_ptr<WindowsTokenPlan> PlanFor(const std::string& command, const std::string& state) {
  auto plan = std::make_shared<WindowsTokenPlan>();
  plan->dedicated_user = true;
  plan->token.restricting = {"{run}", "{logon}", "S-1-1-0", "{user}"};
  plan->token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GA;;;{run})(A;;0x101000;;;{developer})";
  plan->folders = {{"{run_folder}", "(A;OICI;0x1301bf;;;{run})(A;OICI;0x1301bf;;;{group})", false}};
  plan->desktop.station = plan->desktop.desktop = "paddock-{run}";
  plan->desktop.descriptor = "D:(A;;GA;;;{user})(A;;GA;;;{run})";
  plan->process.command = {command, "tree", "2"};
  plan->process.cwd = "{run_folder}";
  plan->process.environment = {"SystemRoot=C:\\windows"};
  plan->process.handles = {"stdin", "stdout", "stderr"};
  plan->state_dir = state;
  return plan;
}

}  // namespace

int wmain(int argc, wchar_t** argv) {
  if (argc != 5) return 2;
  Steps steps(std::wcstoul(argv[4], nullptr, 10));
  Recorder recorder(&steps);
  WindowsTokenLauncherOptions options;
  options.enforcement = std::make_unique<Enforcer>(&steps);
  options.users = std::make_unique<ThisUser>(ToUtf8(argv[1]));
  options.starter = std::make_unique<Starter>(&steps);
  options.recorder = &recorder;
  const auto launcher = MakeWindowsTokenLauncher(std::move(options));
  LaunchPlan plan;
  plan.backend = {"windows_token", ""};
  plan.body = PlanFor(ToUtf8(argv[2]), ToUtf8(argv[3]));
  Stdio stdio;
  stdio.in.kind = stdio.out.kind = stdio.err.kind = StreamSpec::Kind::kNull;
  Nobody nobody;
  const auto sandbox = launcher->Launch(plan, stdio, nobody);
  if (!sandbox.ok()) return 3;
  DWORD written = 0;
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "running", 7, &written, nullptr);
  Sleep(INFINITE);
  return 0;
}
