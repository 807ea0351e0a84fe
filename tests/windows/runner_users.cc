#include "tests/windows/runner_users.h"

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/token.h"
#include "tests/windows/compose_only.h"

namespace paddock {
namespace {

class TestStarter : public RunnerStarter {
 public:
  explicit TestStarter(StartedRunners* started) : started_(started) {}

  absl::StatusOr<RunnerProcess> Start(const DedicatedUser& user, const std::string& command_line,
                                      const std::string& desktop) override {
    std::wstring line = ToWide(command_line), place = ToWide(desktop);
    STARTUPINFOW startup = {};
    startup.cb = sizeof(startup);
    startup.lpDesktop = place.data();
    PROCESS_INFORMATION made = {};
    if (!CreateProcessW(ToWide(user.runner).c_str(), line.data(), nullptr, nullptr, FALSE, CREATE_NO_WINDOW, nullptr,
                        nullptr, &startup, &made)) {
      return Win32Status(GetLastError(), absl::StrCat("starting ", user.runner));
    }
    if (started_ != nullptr) {
      HANDLE copy = nullptr;
      DuplicateHandle(GetCurrentProcess(), made.hProcess, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
      started_->processes.emplace_back(copy);
      started_->lines.push_back(command_line);
      started_->password_came = started_->password_came && user.password == kTestPassword;
    }
    RunnerProcess process;
    process.process.reset(made.hProcess);
    process.thread.reset(made.hThread);
    process.id = made.dwProcessId;
    return process;
  }

 private:
  StartedRunners* const started_;
};

}  // namespace

absl::StatusOr<DedicatedUser> ThisUser::Find(bool offline) {
  DedicatedUser user;
  user.name = offline ? "PaddockOffline" : "PaddockOnline";
  ASSIGN_OR_RETURN(const access::Token self, ReadUserToken());
  user.sid = self.user;
  ASSIGN_OR_RETURN(user.group, access::Sid::Parse(kTestGroup));
  user.password = kTestPassword;
  user.runner = runner_;
  user.setup = kTestSetup;
  return user;
}

std::unique_ptr<RunnerStarter> MakeTestStarter(StartedRunners* started) {
  return std::make_unique<TestStarter>(started);
}

WindowsTokenLauncherOptions RunnerOptionsFor(const std::string& runner, StartedRunners* started) {
  WindowsTokenLauncherOptions options;
  options.enforcement = std::make_unique<ComposeOnly>();
  options.leases = MakeLeaseGrants();
  options.users = std::make_unique<ThisUser>(runner);
  options.starter = MakeTestStarter(started);
  return options;
}

}  // namespace paddock
