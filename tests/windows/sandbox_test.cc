// windows_sandbox end to end: the launcher, the guest program and the mailbox between them, over a program that stands
// in for Windows Sandbox (sandbox_stand_in.cc) and is put into this prefix of Wine's. What a real machine keeps apart
// is not apart here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/windows_sandbox/launch_folder.h"
#include "backends/windows_sandbox/launch_machine.h"
#include "backends/windows_sandbox/launcher.h"
#include "backends/windows_sandbox/mailbox.h"
#include "backends/windows_sandbox/order.h"
#include "backends/windows_sandbox/sandbox_plan.h"
#include "core/base/reason.h"
#include "core/platform/windows/feature_facts.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"

namespace paddock {
namespace {

using testing::StartsWith;

std::string Beside(const std::string& name) {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return ToUtf8(path.substr(0, path.rfind(L'\\') + 1)) + name;
}

void PutFile(const std::string& path, absl::string_view text) {
  const UniqueFileHandle file(CreateFileW(ToWide(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, 0, nullptr));
  DWORD written = 0;
  ASSERT_TRUE(WriteFile(file.get(), text.data(), static_cast<DWORD>(text.size()), &written, nullptr)) << path;
}

bool IsThere(const std::string& path) { return GetFileAttributesW(ToWide(path).c_str()) != INVALID_FILE_ATTRIBUTES; }

std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(FindFirstFileW(ToWide(path + "\\*").c_str(), &data));
  if (!find.valid()) return names;
  do {
    const std::string name = ToUtf8(data.cFileName);
    if (name != "." && name != "..") names.push_back(name);
  } while (FindNextFileW(find.get(), &data));
  return names;
}

class Collector : public EventSink {
 public:
  void OnEvent(const Event& event) override {
    exit_was_last = std::holds_alternative<ExitedEvent>(event);
    started |= std::holds_alternative<StartedEvent>(event);
    const auto* const output = std::get_if<OutputEvent>(&event);
    if (output == nullptr) return;
    (output->stream == StreamId::kStdout ? out : err).append(output->bytes.data(), output->bytes.size());
    if (on_output) on_output();
  }
  std::string out, err;
  bool started = false, exit_was_last = false;
  std::function<void()> on_output;
};

class SandboxTest : public testing::Test {
 protected:
  SandboxTest() {
    wchar_t system[MAX_PATH] = {};
    GetSystemDirectoryW(system, MAX_PATH);
    EXPECT_TRUE(CopyFileW(ToWide(Beside("sandbox_stand_in.exe")).c_str(),
                          (std::wstring(system) + L"\\WindowsSandbox.exe").c_str(), FALSE));
    DeleteFileW(L"C:\\stand-in");
    place_ = absl::StrCat("C:\\sandbox-test-", GetCurrentProcessId(), "-",
                          testing::UnitTest::GetInstance()->current_test_info()->name());
    ws_ = place_ + "\\ws & x's";
    for (const std::string& path : {place_, ws_}) CreateDirectoryW(ToWide(path).c_str(), nullptr);
    CopyFileW(ToWide(Beside("sandbox_child.exe")).c_str(), ToWide(ws_ + "\\child.exe").c_str(), FALSE);
    plan_ = std::make_shared<WindowsSandboxPlan>();
    plan_->state_dir = place_ + "\\state";
    plan_->workspace = WorkspaceMode::kMapped;
    plan_->machine.folders = {
        {ws_, kGuestWorkspace, false}, {"{run_folder}\\in", kGuestIn, true}, {"{run_folder}\\out", kGuestOut, false}};
    plan_->machine.logon_command = absl::StrCat(kGuestIn, "\\", kGuestProgram);
    plan_->order.cwd = kGuestWorkspace;
    options_.guest_program = Beside("..\\..\\cli\\paddock-guest.exe");
    stdio_.in.kind = StreamSpec::Kind::kNull;
    stdio_.out.kind = stdio_.err.kind = StreamSpec::Kind::kPipe;
  }
  ~SandboxTest() override { EXPECT_TRUE(leave_ || RemoveMachineFolder(place_).ok()); }

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch() {
    LaunchPlan plan;
    plan.backend = {"windows_sandbox", ""};
    plan.body = plan_;
    return MakeWindowsSandboxLauncher(options_)->Launch(plan, stdio_, sink_);
  }

  RunResult Run(std::vector<std::string> words) {
    sink_ = Collector();
    plan_->order.command = std::move(words);
    auto sandbox = Launch();
    EXPECT_TRUE(sandbox.ok()) << sandbox.status();
    if (!sandbox.ok()) return {};
    RunResult result = (*sandbox)->Wait();
    EXPECT_TRUE(sink_.exit_was_last);
    sandbox->reset();
    EXPECT_THAT(NamesIn(plan_->state_dir + "\\windows_sandbox"), testing::IsEmpty());
    return result;
  }
  RunResult Child(std::vector<std::string> words) {
    words.insert(words.begin(), ".\\child.exe");
    return Run(std::move(words));
  }

  std::string place_, ws_;
  bool leave_ = false;
  std::shared_ptr<WindowsSandboxPlan> plan_;
  WindowsSandboxLauncherOptions options_;
  Stdio stdio_;
  Collector sink_;
};

std::string CodeOf(const RunResult& result) { return result.outcome.reason.code; }

TEST_F(SandboxTest, ExitCodesComeBack) {
  for (const int code : {0, 1, 37, 255, 259, 70000}) {
    const RunResult result = Child({"exit", absl::StrCat(code)});
    EXPECT_EQ(result.outcome.kind, ExitKind::kExited) << CodeOf(result) << result.outcome.reason.detail;
    EXPECT_EQ(result.outcome.code, code);
    EXPECT_TRUE(sink_.started);
  }
}

TEST_F(SandboxTest, ArgumentsArriveWhole) {
  const std::vector<std::string> hostile = {"a b",   "a\"b", "a\\\"b\\\\", "%PATH%",
                                            "^&|<>", "",     "trailing\\", "za\u017c"};
  std::vector<std::string> words = {"arguments"};
  words.insert(words.end(), hostile.begin(), hostile.end());
  Child(words);
  EXPECT_EQ(sink_.out, absl::StrJoin(hostile, "\n") + "\n");
}

TEST_F(SandboxTest, DirectoryEnvironmentAndEmptyInput) {
  plan_->order.environment = {{"CI", "a=b %x%"}};
  CreateDirectoryW(ToWide(ws_ + "\\sub").c_str(), nullptr);
  plan_->order.cwd = absl::StrCat(kGuestWorkspace, "\\sub");
  Run({"..\\child.exe", "where"});
  EXPECT_EQ(sink_.out, "C:\\paddock\\workspace\\sub a=b %x%\n");
  plan_->order.cwd = kGuestWorkspace;
  Child({"read"});
  EXPECT_EQ(sink_.out, "[-1]\n");
}

TEST_F(SandboxTest, StreamsComeWholeAndApart) {
  Child({"streams", "20000"});
  EXPECT_EQ(sink_.out, std::string(10000000, 'x'));
  EXPECT_EQ(sink_.err, std::string(10000000, 'x'));
}

TEST_F(SandboxTest, WhatIsMappedIsWrittenAndWhatIsCopiedIsNot) {
  Child({"write", "made.txt", "1"});
  EXPECT_TRUE(IsThere(ws_ + "\\made.txt"));
  plan_->machine.folders[0] = {ws_, kGuestSource, true};
  plan_->order.copy_from = kGuestSource;
  plan_->order.copy_to = kGuestWorkspace;
  const RunResult result = Child({"write", "copied.txt", "1"});
  EXPECT_EQ(result.outcome.kind, ExitKind::kExited) << result.outcome.reason.detail;
  EXPECT_FALSE(IsThere(ws_ + "\\copied.txt"));
}

TEST_F(SandboxTest, ProtectedNamesAreCompared) {
  PutFile(ws_ + "\\config", "a");
  for (const char* const name : {"config", ".mcp.json", "untouched"}) {
    plan_->watched.push_back({absl::StrCat(ws_, "\\", name), absl::StrCat("filesystem.deny_write ", name)});
  }
  RunResult result = Child({"write", "config", "b"});
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_THAT(result.violations[0].what, StartsWith("protected name modified: "));
  EXPECT_FALSE(result.violations[0].observed);
  result = Child({"write", ".mcp.json", "b"});
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].rule, "filesystem.deny_write .mcp.json");
  EXPECT_TRUE(Child({"exit", "0"}).violations.empty());
}

TEST_F(SandboxTest, WhatIsNotThereOrNoProgramIsSaid) {
  RunResult result = Run({"no-such-program"});
  EXPECT_EQ(result.outcome.kind, ExitKind::kNotFound) << result.outcome.reason.detail;
  EXPECT_FALSE(sink_.started);
  PutFile(ws_ + "\\text.exe", "no program");
  result = Run({".\\text.exe"});
  EXPECT_EQ(result.outcome.kind, ExitKind::kNotExecutable) << result.outcome.reason.detail;
  plan_->order.cwd = "C:\\none";
  result = Run({"cmd.exe", "/c", "exit"});
  EXPECT_EQ(CodeOf(result), "launch_failed");
}

TEST_F(SandboxTest, LimitsEndIt) {
  plan_->order.wall = plan_->limits.wall = std::chrono::milliseconds(500);
  EXPECT_EQ(Child({"sleep"}).outcome.kind, ExitKind::kWallLimit);
  plan_->order.wall = plan_->limits.wall = std::nullopt;
  plan_->order.output = plan_->limits.output = 100000;
  EXPECT_EQ(Child({"streams", "1000"}).outcome.kind, ExitKind::kOutputLimit);
  EXPECT_EQ(Child({"streams", "50"}).outcome.kind, ExitKind::kExited);
}

// The guest's limits are the guest's word; the launcher has clock and count of its own.
TEST_F(SandboxTest, LimitsHoldWithoutTheGuest) {
  options_.wall_grace = std::chrono::milliseconds(100);
  plan_->limits.wall = std::chrono::milliseconds(500);
  EXPECT_EQ(Child({"sleep"}).outcome.kind, ExitKind::kWallLimit);
  plan_->limits.wall = std::nullopt;
  plan_->limits.output = 100000;
  EXPECT_EQ(Child({"streams", "1000"}).outcome.kind, ExitKind::kOutputLimit);
}

// The command fills a pipe that nobody reads, and the launcher's clock is not held up by that.
TEST_F(SandboxTest, AReaderThatStopsHangsNobody) {
  HANDLE read = nullptr, write = nullptr;
  ASSERT_TRUE(CreatePipe(&read, &write, nullptr, 4096));
  const UniqueFileHandle reader(read), writer(write);
  stdio_.out = {StreamSpec::Kind::kHandle, reinterpret_cast<intptr_t>(write)};
  options_.wall_grace = std::chrono::milliseconds(100);
  plan_->limits.wall = std::chrono::seconds(2);
  EXPECT_EQ(Child({"streams", "20000"}).outcome.kind, ExitKind::kWallLimit);
}

TEST_F(SandboxTest, SignalsAndInterruptsEndTheMachine) {
  plan_->order.command = {".\\child.exe", "sleep"};
  auto sandbox = Launch();
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
  EXPECT_EQ((*sandbox)->Write("x").code(), absl::StatusCode::kUnimplemented);
  sink_.on_output = [&] { EXPECT_TRUE((*sandbox)->Signal(15).ok()); };
  const RunResult result = (*sandbox)->Wait();
  EXPECT_EQ(result.outcome.kind, ExitKind::kSignalled);
  EXPECT_EQ(result.outcome.signal, 15);
  EXPECT_EQ(WaitForSingleObject(reinterpret_cast<HANDLE>((*sandbox)->wait_handle()), 0), WAIT_OBJECT_0);
  sandbox->reset();

  const UniqueHandle interrupt(CreateEventW(nullptr, TRUE, TRUE, nullptr));
  stdio_.signals = reinterpret_cast<intptr_t>(interrupt.get());
  EXPECT_EQ(Child({"write", "ran", "1"}).outcome.signal, 2);
  EXPECT_FALSE(IsThere(ws_ + "\\ran"));
}

TEST_F(SandboxTest, OneMachineAtATime) {
  plan_->order.command = {".\\child.exe", "sleep"};
  auto first = Launch();
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Launch();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(ReasonOf(second.status())->code, "sandbox_instance_running");
  EXPECT_TRUE(absl::IsUnavailable(second.status()));
  // Another's state, and still the same machine.
  plan_->state_dir = place_ + "\\elsewhere";
  const auto third = Launch();
  ASSERT_FALSE(third.ok());
  EXPECT_EQ(ReasonOf(third.status())->code, "sandbox_instance_running");
  plan_->state_dir = place_ + "\\state";
  first->reset();
  EXPECT_EQ(Child({"exit", "3"}).outcome.code, 3);
}

TEST_F(SandboxTest, AMachineThatSaysNothingIsUnavailable) {
  plan_->order.command = {".\\child.exe", "write", "ran", "1"};
  options_.boot = std::chrono::milliseconds(1500);
  for (const char* const mode : {"deaf", "broken"}) {
    PutFile("C:\\stand-in", mode);
    const auto sandbox = Launch();
    ASSERT_FALSE(sandbox.ok()) << mode;
    EXPECT_TRUE(absl::IsUnavailable(sandbox.status()));
    EXPECT_EQ(ReasonOf(sandbox.status())->code, "machine_silent") << mode << sandbox.status();
    EXPECT_FALSE(IsThere(ws_ + "\\ran"));
  }
  DeleteFileW(L"C:\\stand-in");
  options_.guest_program = place_ + "\\none.exe";
  EXPECT_EQ(ReasonOf(Launch().status())->code, "guest_program_missing");
  options_ = {};
  options_.guest_program = Beside("..\\..\\cli\\paddock-guest.exe");
  EXPECT_EQ(Child({"exit", "0"}).outcome.kind, ExitKind::kExited);
  EXPECT_THAT(NamesIn(plan_->state_dir + "\\windows_sandbox"), testing::IsEmpty());
}

TEST_F(SandboxTest, AMailboxThatIsNotTheGuestsEndsTheRun) {
  for (const char* const kind : {"name", "directory", "files", "bytes", "long", "names", "partial", "cut", "replay",
                                 "again", "nonce", "json", "schema"}) {
    const RunResult result = Child({"attack", kind});
    EXPECT_EQ(result.outcome.kind, ExitKind::kFailed) << kind;
    EXPECT_EQ(CodeOf(result), "mailbox_invalid") << kind << ": " << result.outcome.reason.detail;
    EXPECT_EQ(sink_.out, "") << kind;
  }
  // Control: a command that leaves the mailbox alone.
  EXPECT_EQ(Child({"exit", "5"}).outcome.code, 5);
}

TEST_F(SandboxTest, ALinkInTheMailboxEndsTheRun) {
  plan_->order.command = {".\\child.exe", "attack", "link"};
  auto sandbox = Launch();
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
  const RunResult result = (*sandbox)->Wait();
  EXPECT_EQ(CodeOf(result), "mailbox_invalid");
  EXPECT_THAT(result.outcome.reason.detail, testing::HasSubstr("is a link"));
  // Windows removes a link; Wine removes what it leads to, and leaves it.
  sandbox->reset();
  leave_ = true;
}

// The nonce is no secret inside: a command can claim an end that it does not have, of itself.
TEST_F(SandboxTest, ACommandMayLieAboutItself) {
  const RunResult result = Child({"attack", "forged"});
  EXPECT_EQ(result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(result.outcome.code, 99);
}

TEST_F(SandboxTest, AGuestThatIsKilledEndsTheRun) { EXPECT_EQ(CodeOf(Child({"attack", "guest"})), "machine_gone"); }

TEST_F(SandboxTest, FoldersOfKilledRunsAreCollected) {
  const std::string all = plan_->state_dir + "\\windows_sandbox";
  auto live = MachineFolder::Make(plan_->state_dir);
  ASSERT_TRUE(live.ok()) << live.status();
  const std::vector<std::string> names = NamesIn(all);
  const std::string left = all + "\\0123456789ab";
  for (const std::string& path : {left, left + "\\out", left + "\\out\\deep"}) {
    ASSERT_TRUE(CreateDirectoryW(ToWide(path).c_str(), nullptr)) << path;
  }
  PutFile(left + "\\out\\deep\\x", "x");
  SetFileAttributesW(ToWide(left + "\\out\\deep\\x").c_str(), FILE_ATTRIBUTE_READONLY);
  std::vector<std::string> stuck;
  const auto removed = CollectSandboxFolders(plan_->state_dir, &stuck);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_THAT(*removed, testing::ElementsAre(left));
  EXPECT_FALSE(IsThere(left));
  EXPECT_THAT(stuck, testing::IsEmpty());
  EXPECT_THAT(NamesIn(all), testing::UnorderedElementsAreArray(names));
}

// Where System32 has no WindowsSandbox.exe, wsb.exe in the user's own directory of aliases.
TEST_F(SandboxTest, WsbStartsConnectsAndStops) {
  wchar_t system[MAX_PATH] = {}, local[MAX_PATH] = {};
  GetSystemDirectoryW(system, MAX_PATH);
  ASSERT_TRUE(DeleteFileW((std::wstring(system) + L"\\WindowsSandbox.exe").c_str()));
  ASSERT_GT(GetEnvironmentVariableW(L"LOCALAPPDATA", local, MAX_PATH), 0u);
  std::wstring aliases = local;
  for (const wchar_t* const part : {L"\\Microsoft", L"\\WindowsApps"}) {
    CreateDirectoryW((aliases += part).c_str(), nullptr);
  }
  EXPECT_EQ(ReasonOf(Launch().status())->code, "feature_absent");
  for (const wchar_t* const name : {L"\\wsb.exe", L"\\WindowsSandboxServer.exe"}) {
    ASSERT_TRUE(CopyFileW(ToWide(Beside("sandbox_stand_in.exe")).c_str(), (aliases + name).c_str(), FALSE));
  }
  EXPECT_EQ(Child({"exit", "6"}).outcome.code, 6);
  // A machine that has to be ended from outside: what shows it is ended, and it is stopped by its Id.
  EXPECT_EQ(CodeOf(Child({"attack", "nonce"})), "mailbox_invalid");
  EXPECT_FALSE(SandboxProcess().has_value());
  for (const wchar_t* const name : {L"\\wsb.exe", L"\\WindowsSandboxServer.exe"}) DeleteFileW((aliases + name).c_str());
}

// The part of the next test that is killed.
TEST_F(SandboxTest, DISABLED_RunUntilKilled) { Child({"mark-and-sleep", "running"}); }

TEST_F(SandboxTest, AKilledLauncherLeavesAFolderAndNoMachine) {
  std::wstring self(32768, L'\0');
  self.resize(GetModuleFileNameW(nullptr, self.data(), static_cast<DWORD>(self.size())));
  std::wstring line =
      L"sandbox_test --gtest_also_run_disabled_tests --gtest_filter=SandboxTest.DISABLED_RunUntilKilled";
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION made = {};
  ASSERT_TRUE(CreateProcessW(self.c_str(), line.data(), nullptr, nullptr, FALSE, CREATE_SUSPENDED, nullptr, nullptr,
                             &startup, &made));
  const UniqueHandle process(made.hProcess), thread(made.hThread);
  const std::string place = absl::StrCat("C:\\sandbox-test-", made.dwProcessId, "-DISABLED_RunUntilKilled");
  const std::string ws = place + "\\ws & x's";
  for (const std::string& path : {place, ws}) CreateDirectoryW(ToWide(path).c_str(), nullptr);
  HANDLE change = FindFirstChangeNotificationW(ToWide(ws).c_str(), FALSE, FILE_NOTIFY_CHANGE_FILE_NAME);
  ResumeThread(thread.get());
  while (!IsThere(ws + "\\running")) {
    ASSERT_EQ(WaitForSingleObject(change, 120000), WAIT_OBJECT_0);
    FindNextChangeNotification(change);
  }
  FindCloseChangeNotification(change);
  const auto machine = SandboxProcess();
  ASSERT_TRUE(machine.has_value());
  const UniqueHandle shown(OpenProcess(SYNCHRONIZE, FALSE, machine->id));
  std::vector<std::string> stuck;
  EXPECT_THAT(*CollectSandboxFolders(place + "\\state", &stuck), testing::IsEmpty());  // it lives
  TerminateProcess(process.get(), 9);
  EXPECT_EQ(WaitForSingleObject(shown.get(), 120000), WAIT_OBJECT_0);
  EXPECT_EQ(WaitForSingleObject(process.get(), 120000), WAIT_OBJECT_0);
  const auto removed = CollectSandboxFolders(place + "\\state", &stuck);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->size(), 1u);
  EXPECT_THAT(NamesIn(place + "\\state\\windows_sandbox"), testing::IsEmpty());
  EXPECT_EQ(Child({"exit", "4"}).outcome.code, 4);
  EXPECT_TRUE(RemoveMachineFolder(place).ok());
}

// Nobody beats: the launcher is dead. The guest program ends its machine, and has not run the command.
TEST_F(SandboxTest, AGuestWithoutALauncherEndsItself) {
  plan_->order.command = {".\\child.exe", "write", "ran", "1"};
  auto folder = MachineFolder::Make(plan_->state_dir);
  ASSERT_TRUE(folder.ok()) << folder.status();
  ASSERT_TRUE((*folder)->Fill(*plan_, options_.guest_program).ok());
  auto machine = HostMachine::Start((*folder)->configuration(), (*folder)->text());
  ASSERT_TRUE(machine.ok()) << machine.status();
  EXPECT_TRUE((*machine)->WaitForEnd(std::chrono::minutes(5)));
  EXPECT_TRUE(IsThere((*folder)->out() + "\\" + MailName(0)));
  EXPECT_FALSE(IsThere(ws_ + "\\ran"));
}

}  // namespace
}  // namespace paddock
