// The launch path of windows_token: what a command gets, and what becomes of it. Nothing here says that it is confined:
// the enforcement composes, and reads nothing back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "core/access/sddl.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/job.h"
#include "tests/windows/launch_fixture.h"
#include "tests/windows/piped_child.h"

namespace paddock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using LaunchTest = LaunchFixture;

bool IsWine() { return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr; }

TEST_F(LaunchTest, BytesComeThrough) {
  plan_->process.command = {Child(), "copy"};
  stdio_.in.kind = StreamSpec::Kind::kPipe;
  std::string sent;
  for (size_t i = 0; i < 1 << 20; ++i) sent += static_cast<char>(i * 7 + i / 256);
  const Ran ran = Run([&](Sandbox& sandbox) {
    EXPECT_TRUE(sandbox.Write(sent).ok());
    EXPECT_TRUE(sandbox.CloseInput().ok());
  });
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(ran.out.size(), sent.size());
  EXPECT_TRUE(ran.out == sent);
  EXPECT_EQ(ran.err, "1048576");
  EXPECT_EQ(ran.result.usage.output, sent.size() + 7);
  EXPECT_EQ(ran.exits, 1);
  EXPECT_TRUE(ran.exit_was_last);
}

TEST_F(LaunchTest, WithoutInputThereIsNothingToRead) {
  plan_->process.command = {Child(), "copy"};
  const Ran ran = Run();
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "0");
}

TEST_F(LaunchTest, ExitCodes) {
  for (const uint32_t code : {0u, 1u, 37u, 255u, 259u, 0xC0000005u}) {
    plan_->process.command = {Child(), "exit", absl::StrCat(code)};
    const Ran ran = Run();
    EXPECT_EQ(ran.result.outcome.kind, ExitKind::kExited);
    EXPECT_EQ(static_cast<uint32_t>(ran.result.outcome.code), code);
  }
}

TEST_F(LaunchTest, HandlesThatAreNotListedStayHere) {
  SECURITY_ATTRIBUTES inherit = {sizeof(inherit), nullptr, TRUE};
  const UniqueHandle event(CreateEventW(&inherit, TRUE, FALSE, nullptr));
  const std::string number = absl::StrCat(reinterpret_cast<uintptr_t>(event.get()));
  plan_->process.command = {Child(), "event", number};
  EXPECT_EQ(Run().result.outcome.code, 1);
  EXPECT_EQ(WaitForSingleObject(event.get(), 0), static_cast<DWORD>(WAIT_TIMEOUT));

  // The control: started as programs usually are, the child has it.
  std::wstring line = ToWide(absl::StrCat("\"", Child(), "\" event ", number));
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION made = {};
  ASSERT_TRUE(CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &made));
  const UniqueHandle process(made.hProcess), thread(made.hThread);
  WaitForSingleObject(process.get(), INFINITE);
  EXPECT_EQ(WaitForSingleObject(event.get(), 0), WAIT_OBJECT_0);
}

// Reads the numbers of `count` processes that the command says, each a line, and opens them.
std::vector<UniqueHandle> OpenSaid(const std::string& said) {
  std::vector<UniqueHandle> processes;
  for (const absl::string_view line : absl::StrSplit(said, '\n', absl::SkipEmpty())) {
    processes.emplace_back(OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(std::stoul(std::string(line)))));
  }
  return processes;
}

TEST_F(LaunchTest, DestroyingTheSandboxEndsTheTree) {
  // Says its numbers into a pipe of the test's, since nobody waits for the sandbox.
  SECURITY_ATTRIBUTES inherit = {sizeof(inherit), nullptr, TRUE};
  HANDLE reader = nullptr, writer = nullptr;
  ASSERT_TRUE(CreatePipe(&reader, &writer, &inherit, 0));
  const UniqueHandle read(reader);
  UniqueHandle write(writer);
  plan_->process.command = {Child(), "tree", "3"};
  stdio_.out = {StreamSpec::Kind::kHandle, reinterpret_cast<intptr_t>(writer)};
  auto sandbox = Launch();
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
  write.reset();
  std::string said;
  char buffer[256];
  for (DWORD got = 0; std::count(said.begin(), said.end(), '\n') < 4;) {
    ASSERT_TRUE(ReadFile(reader, buffer, sizeof(buffer), &got, nullptr)) << said;
    said.append(buffer, got);
  }
  const std::vector<UniqueHandle> processes = OpenSaid(said);
  ASSERT_THAT(processes, SizeIs(4));
  for (const UniqueHandle& process : processes) {
    ASSERT_TRUE(process.valid());
    EXPECT_EQ(WaitForSingleObject(process.get(), 0), static_cast<DWORD>(WAIT_TIMEOUT)) << "the control: it lives";
  }
  sandbox->reset();
  for (const UniqueHandle& process : processes) EXPECT_EQ(WaitForSingleObject(process.get(), INFINITE), WAIT_OBJECT_0);
}

TEST_F(LaunchTest, WallLimit) {
  plan_->process.command = {Child(), "tree", "1"};
  plan_->limits.wall = std::chrono::milliseconds(1500);
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kWallLimit);
  EXPECT_EQ(ExitStatus(ran.result.outcome), 124);
}

TEST_F(LaunchTest, OutputLimit) {
  plan_->process.command = {Child(), "flood"};
  plan_->limits.output = 100'000;
  EXPECT_EQ(Run().result.outcome.kind, ExitKind::kOutputLimit);
}

TEST_F(LaunchTest, SignalsEndTheTree) {
  plan_->process.command = {Child(), "tree", "0"};
  const Ran ran = Run([](Sandbox& sandbox) { EXPECT_TRUE(sandbox.Signal(15).ok()); });
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kSignalled);
  EXPECT_EQ(ran.result.outcome.signal, 15);
}

TEST_F(LaunchTest, AnInterruptEndsTheTree) {
  const UniqueHandle event(CreateEventW(nullptr, TRUE, TRUE, nullptr));
  stdio_.signals = reinterpret_cast<intptr_t>(event.get());
  plan_->process.command = {Child(), "tree", "1"};
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kSignalled);
  EXPECT_EQ(ExitStatus(ran.result.outcome), 130);
}

// A process that stays and its child, in a job; and what becomes of them when the job's last handle is closed.
struct JobTree {
  std::vector<UniqueHandle> processes;
  DWORD after_closing = 0;  // of the wait for the child's end
};

JobTree CloseJobOf(const std::string& child, bool kill_on_close, DWORD wait_ms) {
  JobTree tree;
  JobSpec spec;
  spec.kill_on_close = kill_on_close;
  NoRecorder nobody;
  const UniqueHandle port(CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1));
  UniqueHandle job = MakeJob(spec, port.get(), 1, nobody).value();
  const PipedChild piped = StartPiped(ToWide(absl::StrCat("\"", child, "\" tree 1")), CREATE_SUSPENDED);
  EXPECT_TRUE(AssignProcessToJobObject(job.get(), piped.process.get()));
  ResumeThread(piped.thread.get());
  std::string said;
  char buffer[256];
  DWORD got = 0;
  while (std::count(said.begin(), said.end(), '\n') < 2 &&
         ReadFile(piped.output.get(), buffer, sizeof(buffer), &got, nullptr)) {
    said.append(buffer, got);
  }
  for (const absl::string_view number : absl::StrSplit(said, '\n', absl::SkipEmpty())) {
    tree.processes.emplace_back(
        OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, static_cast<DWORD>(std::stoul(std::string(number)))));
  }
  job.reset();
  tree.after_closing = WaitForSingleObject(tree.processes.back().get(), wait_ms);
  return tree;
}

// What ends the tree of a launcher that was killed.
TEST_F(LaunchTest, ClosingTheJobEndsTheTree) {
  EXPECT_EQ(CloseJobOf(Child(), true, INFINITE).after_closing, WAIT_OBJECT_0);
  const JobTree control = CloseJobOf(Child(), false, 0);
  EXPECT_EQ(control.after_closing, static_cast<DWORD>(WAIT_TIMEOUT));
  for (const UniqueHandle& process : control.processes) TerminateProcess(process.get(), 1);
}

TEST_F(LaunchTest, TheEnvironmentIsThePlansAlone) {
  plan_->process.environment = {"zeta=1",
                                "Alpha=caf\xC3\xA9 \xF0\x9F\x98\x80",
                                "SystemRoot=C:\\windows",
                                "=C:=C:\\x",
                                "FOLDER={run_folder}\\a",
                                "BRACES={other}"};
  plan_->process.command = {Child(), "environment"};
  const Ran ran = Run();
  // Wine adds its own, and moves what it sets itself.
  std::vector<std::string> lines, systems;
  for (const absl::string_view line : absl::StrSplit(ran.out, '\n', absl::SkipEmpty())) {
    const bool system = absl::StartsWith(line, "WINE") || absl::StartsWith(line, "System");
    (system ? systems : lines).push_back(std::string(line));
  }
  EXPECT_THAT(systems, testing::Contains("SystemRoot=C:\\windows"));
  ASSERT_THAT(lines, SizeIs(5)) << ran.out;
  EXPECT_THAT(lines[3], testing::StartsWith("FOLDER=C:\\"));
  lines.erase(lines.begin() + 3);
  EXPECT_THAT(lines, ElementsAre("=C:=C:\\x", "Alpha=caf\xC3\xA9 \xF0\x9F\x98\x80", "BRACES={other}", "zeta=1"));
}

TEST_F(LaunchTest, WorkingDirectories) {
  for (const std::string& name :
       {std::string("plain"), std::string("with spaces"), std::string("caf\xC3\xA9 \xE6\x97\xA5")}) {
    plan_->process.cwd = MakeDirectory(name);
    plan_->process.command = {Child(), "directory"};
    EXPECT_THAT(Run().out, testing::StartsWith(plan_->process.cwd));
  }
  plan_->process.cwd = absl::StrCat(plan_->process.cwd, "\\absent");
  EXPECT_EQ(ReasonOf(Launch().status()).value_or(Reason()).code, "cwd_unusable");
}

// Of more than 260 characters: it starts there, or it says that it cannot.
TEST_F(LaunchTest, LongWorkingDirectory) {
  std::string path = "long";
  for (int i = 0; i < 6; ++i) absl::StrAppend(&path, "\\", std::string(60, static_cast<char>('a' + i)));
  plan_->process.cwd = MakeDirectory(path);
  plan_->process.command = {Child(), "exit", "5"};
  auto sandbox = Launch();
  if (sandbox.ok()) {
    EXPECT_EQ((*sandbox)->Wait().outcome.code, 5);
  } else {
    EXPECT_EQ(ReasonOf(sandbox.status()).value_or(Reason()).code, "cwd_unusable") << sandbox.status();
  }
}

TEST_F(LaunchTest, WhatIsNoProgram) {
  const std::string text = MakeFile("text.dat", "no program");
  const std::string directory = MakeDirectory("directory.exe");
  struct Case {
    std::string command;
    ExitKind kind;
  };
  const Case cases[] = {{"no-such-command", ExitKind::kNotFound},
                        {"C:\\no\\such\\file.exe", ExitKind::kNotFound},
                        {text, ExitKind::kNotExecutable},
                        {directory, ExitKind::kNotExecutable}};
  for (const Case& one : cases) {
    plan_->process.command = {one.command};
    const Ran ran = Run();
    EXPECT_EQ(ran.result.outcome.kind, one.kind) << one.command;
    EXPECT_FALSE(ran.result.outcome.reason.detail.empty());
    EXPECT_FALSE(ran.started);
    EXPECT_EQ(ran.exits, 1);
  }
}

TEST_F(LaunchTest, ABareNameIsNotLookedForInTheCurrentDirectory) {
  plan_->process.cwd = MakeDirectory("planted");
  ASSERT_TRUE(CopyFileW(ToWide(Child()).c_str(), ToWide(plan_->process.cwd + "\\tool.exe").c_str(), FALSE));
  plan_->process.command = {"tool", "exit", "9"};
  EXPECT_EQ(Run().result.outcome.kind, ExitKind::kNotFound);
  plan_->process.environment.push_back("PATH=.;;planted");
  EXPECT_EQ(Run().result.outcome.kind, ExitKind::kNotFound);
  // The controls: asked for by name, and in a directory of PATH.
  plan_->process.command[0] = ".\\tool";
  EXPECT_EQ(Run().result.outcome.code, 9);
  plan_->process.command[0] = "TOOL";
  plan_->process.environment.back() = absl::StrCat("PATH=.;", plan_->process.cwd);
  EXPECT_EQ(Run().result.outcome.code, 9);
}

TEST_F(LaunchTest, BatchFiles) {
  const std::string batch = MakeFile("say it.bat", "@echo off\r\necho one=[%~1] two=[%~2]\r\nexit /b 7\r\n");
  plan_->process.command = {batch, "plain", "with space"};
  const Ran ran = Run();
  EXPECT_THAT(ran.out, HasSubstr("one=[plain] two=[with space]"));
  EXPECT_EQ(ran.result.outcome.code, 7);
  plan_->process.command = {batch, "\"&calc"};
  EXPECT_EQ(ReasonOf(Launch().status()).value_or(Reason()).code, "command_invalid");
}

TEST_F(LaunchTest, Terminal) {
  plan_->process.tty = stdio_.tty = true;
  plan_->process.handles.clear();
  plan_->process.command = {Child(), "console"};
  stdio_.tty_columns = 97;
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("columns=97."));
}

TEST_F(LaunchTest, ATerminalIsResized) {
  plan_->process.tty = stdio_.tty = true;
  plan_->process.handles.clear();
  plan_->process.command = {Child(), "resized"};
  plan_->limits.wall = std::chrono::minutes(1);
  stdio_.tty_columns = 97;
  absl::Status resized;
  const Ran ran = Run([&](Sandbox& sandbox) {
    EXPECT_TRUE(AwaitOutput("columns=97."));
    resized = sandbox.Resize(61, 20);
    if (!resized.ok()) {
      EXPECT_TRUE(sandbox.Signal(15).ok());
    }
  });
  if (IsWine() && absl::IsUnimplemented(resized)) {
    EXPECT_EQ(ran.result.outcome.kind, ExitKind::kSignalled) << "it goes on as it was";
    GTEST_SKIP() << "this Wine resizes no pseudoconsole";
  }
  EXPECT_TRUE(resized.ok()) << resized;
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(ran.result.outcome.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("columns=61."));
}

TEST_F(LaunchTest, WithoutATerminalNothingIsResized) {
  plan_->process.command = {Child(), "tree", "0"};
  const Ran ran = Run([](Sandbox& sandbox) {
    EXPECT_FALSE(sandbox.Resize(61, 20).ok());
    EXPECT_TRUE(sandbox.Signal(15).ok());
  });
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kSignalled);
}

// A plan's JSON with the symbols of the launch filled in.
Json Filled(const WindowsTokenPlan& plan, const Json& symbols) {
  std::string text = DumpJson(plan.ToJson());
  for (const auto& [symbol, value] : symbols.items()) {
    const std::string quoted = Json(value).dump();
    text = absl::StrReplaceAll(text, {{symbol, quoted.substr(1, quoted.size() - 2)}});
  }
  return ParseJson(text, "plan").value();
}

access::SecurityDescriptor Descriptor(const Json& sddl) { return access::ParseSddl(sddl.get<std::string>()).value(); }

TEST_F(LaunchTest, TheCallsAreThePlans) {
  plan_->job.processes = 64;
  plan_->job.memory = 1 << 30;
  plan_->job.cpu = std::chrono::minutes(5);
  plan_->process.environment.push_back("TEMP={run_folder}");
  plan_->process.command = {Child(), "exit", "0"};
  (void)Run();
  const Json plan = Filled(*plan_, recorder_.calls["symbols"]);
  auto& calls = recorder_.calls;

  const Json& token = calls["CreateRestrictedToken"];
  for (const char* key : {"disable_max_privilege", "lua_token", "write_restricted", "restricting"}) {
    EXPECT_EQ(token[key], plan["token"][key]) << key;
  }
  EXPECT_EQ(Descriptor(calls["SetTokenInformation TokenDefaultDacl"]["default_dacl"]),
            Descriptor(plan["token"]["default_dacl"]));
  EXPECT_EQ(calls["SetTokenInformation TokenOwner"]["owner"], plan["token"]["owner"]);
  EXPECT_EQ(plan["token"]["integrity"], "medium");
  EXPECT_EQ(calls["SetTokenInformation TokenIntegrityLevel"]["integrity"], access::kMediumIntegrity);

  EXPECT_EQ(Json::diff(calls["CreateJobObject"], plan["job"]), Json::array()) << calls["CreateJobObject"];
  EXPECT_EQ(calls["CreateWindowStation"]["name"], plan["desktop"]["station"]);
  EXPECT_EQ(Descriptor(calls["CreateWindowStation"]["descriptor"]), Descriptor(plan["desktop"]["descriptor"]));
  EXPECT_EQ(calls["CreateDesktop"]["name"], plan["desktop"]["desktop"]);
  EXPECT_EQ(Descriptor(calls["CreateDesktop"]["descriptor"]), Descriptor(plan["desktop"]["descriptor"]));

  const Json& process = calls["CreateProcessAsUser"];
  EXPECT_EQ(process["application"], plan["process"]["command"][0]);
  for (const char* key : {"cwd", "environment", "tty", "handles", "mitigations"}) {
    EXPECT_EQ(process[key], plan["process"][key]) << key;
  }
}

TEST_F(LaunchTest, TheRunsFolderGoesWithIt) {
  plan_->folders = {{"{run_folder}", "(A;OICI;0x1301bf;;;{run})", false}};
  plan_->process.environment.push_back("TEMP={run_folder}");
  plan_->process.command = {Child(), "environment"};
  const Ran ran = Run();
  const size_t at = ran.out.find("TEMP=");
  ASSERT_NE(at, std::string::npos);
  const std::string folder = ran.out.substr(at + 5, ran.out.find('\n', at) - at - 5);
  EXPECT_EQ(GetFileAttributesW(ToWide(folder).c_str()), INVALID_FILE_ATTRIBUTES) << folder;
  EXPECT_THAT(ran.result.notices, testing::Not(testing::Contains(HasSubstr("could not be removed"))));
}

bool Exists(const std::string& path) { return GetFileAttributesW(ToWide(path).c_str()) != INVALID_FILE_ATTRIBUTES; }

// A run with leases, from the launch to what `gc` leaves: placeholders while it lasts, quarantine after it, the record.
// The entries themselves are for a Windows to keep.
TEST_F(LaunchTest, LeasesFromTheLaunchToTheirCollection) {
  const std::string ws = MakeLeasedWorkspace();
  const std::string batch = MakeFile("make.bat",
                                     "@echo off\r\nif exist .claude echo held\r\necho x> .mcp.json\r\n"
                                     "echo y> made.txt\r\nexit /b 3\r\n");
  plan_->process.cwd = ws;
  plan_->process.command = {batch};
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.code, 3) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("held"));
  EXPECT_FALSE(Exists(ws + "\\.claude"));
  EXPECT_FALSE(Exists(ws + "\\.mcp.json"));
  EXPECT_TRUE(Exists(ws + "\\made.txt"));
  ASSERT_THAT(ran.result.violations, SizeIs(1));
  EXPECT_EQ(ran.result.violations[0].what, absl::StrCat("protected name created: ", ws, "\\.mcp.json"));
  EXPECT_THAT(ran.result.notices, testing::Contains(HasSubstr("(lease_quarantined)")));
  const std::string symbol = recorder_.calls["symbols"]["{capability}"];
  EXPECT_THAT(symbol, testing::StartsWith("S-1-5-21-1885430891-"));
  EXPECT_EQ(recorder_.calls["CreateRestrictedToken"]["restricting"][0], symbol);

  const auto collected = CollectGrants(plan_->state_dir);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_EQ(collected->removed, 1u);
  EXPECT_EQ(collected->kept, 0u);
  EXPECT_EQ(CollectGrants(plan_->state_dir)->removed, 0u);
  const auto scanned = ScanGrants(plan_->state_dir, ws);
  ASSERT_TRUE(scanned.ok()) << scanned.status();
  EXPECT_EQ(scanned->found, 0u);
}

TEST_F(LaunchTest, AnInterruptWhileLeasesAreTakenEndsTheRun) {
  const std::string ws = MakeLeasedWorkspace();
  plan_->process.command = {Child(), "tree", "0"};
  const UniqueHandle event(CreateEventW(nullptr, TRUE, TRUE, nullptr));
  stdio_.signals = reinterpret_cast<intptr_t>(event.get());
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kSignalled);
  EXPECT_EQ(ExitStatus(ran.result.outcome), 130);
  EXPECT_FALSE(ran.started);
  EXPECT_EQ(ran.exits, 1);
  EXPECT_FALSE(Exists(ws + "\\.claude"));
  EXPECT_EQ(CollectGrants(plan_->state_dir)->kept, 0u);
}

// Destroyed without an end: the tree is ended, and the lease is released all the same.
TEST_F(LaunchTest, LeasesOfARunThatIsGivenUp) {
  const std::string ws = MakeLeasedWorkspace();
  plan_->process.command = {Child(), "tree", "1"};
  {
    const auto sandbox = Launch();
    ASSERT_TRUE(sandbox.ok()) << sandbox.status();
    EXPECT_TRUE(Exists(ws + "\\.claude")) << "the control: it is held while the run lasts";
  }
  EXPECT_FALSE(Exists(ws + "\\.claude"));
  const auto collected = CollectGrants(plan_->state_dir);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_EQ(collected->live, 0u);
  EXPECT_EQ(collected->removed, 1u);
}

TEST_F(LaunchTest, ALauncherWithoutUsersRunsAsNone) {
  plan_->dedicated_user = true;
  EXPECT_TRUE(absl::IsUnavailable(Launch().status()));
  EXPECT_EQ(ReasonOf(Launch().status()).value_or(Reason()).code, "not_provisioned");
}

// The one for use does not believe what it cannot read back.
TEST_F(LaunchTest, WineConfinesNothingAndIsRefused) {
  if (!IsWine()) GTEST_SKIP() << "this is a Windows";
  UseRealEnforcement();
  plan_->process.command = {Child(), "exit", "0"};
  const absl::Status status = Launch().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(ReasonOf(status).value_or(Reason()).code, "readback_failed") << status;
  EXPECT_TRUE(recorder_.calls.empty());
  EXPECT_EQ(GetFileAttributesW(ToWide(plan_->state_dir).c_str()), INVALID_FILE_ATTRIBUTES) << "the host was changed";
}

}  // namespace
}  // namespace paddock
