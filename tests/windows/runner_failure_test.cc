// What is left of a launch as a dedicated user that fails, whichever side of it: nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <windows.h>
// After it, since it uses its types.
#include <tlhelp32.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_channel.h"
#include "core/base/reason.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/run_folders.h"
#include "core/windows_launch/token.h"
#include "tests/windows/launch_fixture.h"
#include "tests/windows/piped_child.h"
#include "tests/windows/runner_users.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class RunnerFailureTest : public LaunchFixture {
 protected:
  RunnerFailureTest() {
    plan_->dedicated_user = true;
    plan_->token.restricting.push_back("{user}");
    plan_->folders = {{"{run_folder}", "(A;OICI;0x1301bf;;;{run})", false}};
    // Of names that no other test's processes have.
    MakeDirectory("bin");
    runner_ = absl::StrCat("runner-", GetCurrentProcessId(), ".exe");
    command_ = absl::StrCat("command-", GetCurrentProcessId(), ".exe");
    plan_->process.command = {Copied("launch_child.exe", command_), "tree", "2"};
  }

  std::string Copied(absl::string_view program, const std::string& name) {
    const std::string path = absl::StrCat(place_, "\\bin\\", name);
    EXPECT_TRUE(CopyFileW(ToWide(Beside(program)).c_str(), ToWide(path).c_str(), FALSE)) << path;
    return path;
  }

  // Processes of one of the names, as they are now.
  static std::vector<UniqueHandle> ProcessesOf(const std::vector<std::string>& names) {
    std::vector<UniqueHandle> found;
    const UniqueFileHandle processes(CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
    PROCESSENTRY32W entry = {};
    entry.dwSize = sizeof(entry);
    for (BOOL more = Process32FirstW(processes.get(), &entry); more; more = Process32NextW(processes.get(), &entry)) {
      if (std::find(names.begin(), names.end(), ToUtf8(entry.szExeFile)) == names.end()) continue;
      UniqueHandle process(OpenProcess(SYNCHRONIZE, FALSE, entry.th32ProcessID));
      const bool lives = process.valid() && WaitForSingleObject(process.get(), 0) != WAIT_OBJECT_0;
      if (lives) found.push_back(std::move(process));
    }
    return found;
  }

  // Waits until there is none of them.
  static void AwaitProcesses(const std::vector<std::string>& names) {
    for (auto found = ProcessesOf(names); !found.empty(); found = ProcessesOf(names)) {
      for (const UniqueHandle& process : found) WaitForSingleObject(process.get(), INFINITE);
    }
  }

  void ExpectNothingLeft() {
    std::vector<std::string> stuck;
    const auto folders = CollectRunFolders(plan_->state_dir, &stuck);
    ASSERT_TRUE(folders.ok()) << folders.status();
    EXPECT_THAT(*folders, SizeIs(0)) << "the launch itself removes its folder";
    EXPECT_THAT(stuck, SizeIs(0));
  }

  std::string runner_, command_;
  StartedRunners started_;
};

// Ended before its first token, before the run's, and with the command made: at each the launch is unavailable, and the
// command never ran.
TEST_F(RunnerFailureTest, ARunnerThatDies) {
  for (int call = 1; call <= 3; ++call) {
    SCOPED_TRACE(call);
    const std::string name = absl::StrCat("dies-", call, ".exe");
    Use(RunnerOptionsFor(Copied("runner_child.exe", name), &started_));
    const absl::Status status = Launch().status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("ended with status 78"));
    EXPECT_EQ(WaitForSingleObject(started_.processes.back().get(), 0), WAIT_OBJECT_0);
    AwaitProcesses({name, command_});
    ExpectNothingLeft();
  }
  Use(RunnerOptionsFor(Copied("runner_child.exe", "dies-4.exe"), &started_));
  EXPECT_TRUE(Launch().ok()) << "the control: there is no fourth call";
}

TEST_F(RunnerFailureTest, ARunnerThatIsNone) {
  // Ends at once, without a word.
  Use(RunnerOptionsFor(Copied("launch_child.exe", runner_), &started_));
  EXPECT_TRUE(absl::IsUnavailable(Launch().status()));
  Use(RunnerOptionsFor(absl::StrCat(place_, "\\absent.exe"), &started_));
  const absl::Status status = Launch().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  ExpectNothingLeft();
}

// Starts the runner, and says that it has started another program.
class Impostor : public RunnerStarter {
 public:
  Impostor(std::string other, StartedRunners* started) : other_(std::move(other)), inner_(MakeTestStarter(started)) {}
  absl::StatusOr<RunnerProcess> Start(const DedicatedUser& user, const std::string& line,
                                      const std::string& desktop) override {
    runner_ = std::move(inner_->Start(user, line, desktop).value());
    DedicatedUser other = user;
    other.runner = other_;
    return inner_->Start(other, absl::StrCat("\"", other_, "\" tree 0"), desktop);
  }

 private:
  const std::string other_;
  const std::unique_ptr<RunnerStarter> inner_;
  RunnerProcess runner_;
};

TEST_F(RunnerFailureTest, AnotherProcessAtThePipe) {
  WindowsTokenLauncherOptions options = RunnerOptionsFor(Copied("runner_child.exe", runner_), &started_);
  options.starter = std::make_unique<Impostor>(plan_->process.command[0], &started_);
  Use(std::move(options));
  const absl::Status status = Launch().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("another process than the runner"));
  AwaitProcesses({runner_, command_});
}

// The other way round: a runner takes no orders but its launcher's. Started through cmd.exe, it is another's child.
TEST_F(RunnerFailureTest, APipeOfAnotherProcess) {
  const std::string runner = Copied("runner_child.exe", runner_);
  const access::Sid user = ReadUserToken().value().user;
  for (const bool own : {true, false}) {
    SCOPED_TRACE(own);
    const std::string pipe = RandomRunnerPipe().value();
    RunnerChannel channel(MakeRunnerPipe(pipe, user, user).value());
    std::wstring line = ToWide(own ? absl::StrCat("\"", runner, "\" ", pipe)
                                   : absl::StrCat("cmd.exe /d /c \"\"", runner, "\" ", pipe, "\""));
    STARTUPINFOW startup = {};
    startup.cb = sizeof(startup);
    PROCESS_INFORMATION made = {};
    ASSERT_TRUE(CreateProcessW(nullptr, line.data(), nullptr, nullptr, FALSE, CREATE_NO_WINDOW, nullptr, nullptr,
                               &startup, &made));
    const UniqueHandle process(made.hProcess), thread(made.hThread);
    RunnerChannel::Waits waits;
    waits.until = {process.get()};
    (void)channel.AwaitClient(waits);
    RunnerCheck check;
    check.token.restricting = {"{run}", "{user}"};
    check.token.default_dacl = "D:(A;;GA;;;{user})";
    check.symbols = {{"{run}", "S-1-5-21-1-2-3"}};
    (void)channel.Send(*FormatRunnerOrder(check), waits);
    EXPECT_EQ(channel.Receive(waits).ok(), own);
    if (own) TerminateProcess(process.get(), 1);
  }
  AwaitProcesses({runner_});
}

TEST_F(RunnerFailureTest, ALauncherThatIsKilled) {
  const std::string runner = Copied("runner_child.exe", runner_);
  bool ran = false;
  int killed = 0;
  for (int fatal = 1; !ran; ++fatal) {
    SCOPED_TRACE(fatal);
    ASSERT_LT(fatal, 30);
    std::wstring line = ToWide(absl::StrCat("\"", Beside("runner_launcher.exe"), "\" \"", runner, "\" \"",
                                            plan_->process.command[0], "\" \"", plan_->state_dir, "\" ", fatal));
    const PipedChild launcher = StartPiped(std::move(line));
    char buffer[16];
    DWORD got = 0;
    ran = ReadFile(launcher.output.get(), buffer, sizeof(buffer), &got, nullptr) && got > 0;
    if (ran) {
      EXPECT_FALSE(ProcessesOf({command_}).empty()) << "the control: there is something to end";
      EXPECT_TRUE(ProcessesOf({runner_}).empty());
      TerminateProcess(launcher.process.get(), 77);
    }
    WaitForSingleObject(launcher.process.get(), INFINITE);
    DWORD code = 0;
    GetExitCodeProcess(launcher.process.get(), &code);
    EXPECT_EQ(code, 77u);
    killed += ran ? 0 : 1;
    AwaitProcesses({runner_, command_});
    // Its folder is for the next `gc`, as after any kill.
    std::vector<std::string> stuck;
    EXPECT_TRUE(CollectRunFolders(plan_->state_dir, &stuck).ok());
    EXPECT_THAT(stuck, SizeIs(0));
    ExpectNothingLeft();
  }
  EXPECT_GE(killed, 6) << "at each step of its own";
}

}  // namespace
}  // namespace paddock
