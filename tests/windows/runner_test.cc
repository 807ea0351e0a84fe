// Launches as a dedicated user: the launcher, the runner, and what is between them. The dedicated user is the one of
// the test, so nothing here says that it is kept from anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/windows_token/launch_channel.h"
#include "backends/windows_token/launch_dedicated.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "core/base/reason.h"
#include "core/host/network_filter_record.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/ntfs_volume.h"
#include "tests/windows/launch_fixture.h"
#include "tests/windows/runner_users.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

bool IsWine() { return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr; }

class RunnerTest : public LaunchFixture {
 protected:
  RunnerTest() {
    plan_->dedicated_user = true;
    plan_->token.restricting.push_back("{user}");
    plan_->token.default_dacl += "(A;;0x101000;;;{developer})";
    Use(RunnerOptionsFor(Beside("runner_child.exe"), &started_));
  }

  // Whether every runner that was started has ended.
  bool RunnersAreGone() const {
    return std::all_of(started_.processes.begin(), started_.processes.end(), [](const UniqueHandle& process) {
      return WaitForSingleObject(process.get(), 0) == WAIT_OBJECT_0;
    });
  }

  std::string Code() { return ReasonOf(Launch().status()).value_or(Reason()).code; }
  bool Exists(const std::string& path) const {
    return GetFileAttributesW(ToWide(path).c_str()) != INVALID_FILE_ATTRIBUTES;
  }

  StartedRunners started_;
};

TEST_F(RunnerTest, ExitCodes) {
  for (const uint32_t code : {0u, 37u, 0xC0000005u}) {
    plan_->process.command = {Child(), "exit", absl::StrCat(code)};
    const Ran ran = Run();
    EXPECT_EQ(ran.result.outcome.kind, ExitKind::kExited);
    EXPECT_EQ(static_cast<uint32_t>(ran.result.outcome.code), code);
    EXPECT_EQ(ran.exits, 1);
  }
  EXPECT_THAT(started_.processes, SizeIs(3));
  EXPECT_TRUE(started_.password_came);
  for (const std::string& line : started_.lines) {
    EXPECT_LE(line.size(), kMaxLogonLine);
    EXPECT_FALSE(absl::StrContains(line, kTestPassword));
    EXPECT_FALSE(absl::StrContains(line, "exit")) << "the command is told over the pipe";
  }
}

TEST_F(RunnerTest, TenMegabytesEachWay) {
  plan_->process.command = {Child(), "copy"};
  stdio_.in.kind = StreamSpec::Kind::kPipe;
  std::string sent;
  for (size_t i = 0; i < 10u << 20; ++i) sent += static_cast<char>(i * 7 + i / 256);
  const Ran ran = Run([&](Sandbox& sandbox) {
    EXPECT_TRUE(sandbox.Write(sent).ok());
    EXPECT_TRUE(sandbox.CloseInput().ok());
  });
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(ran.out.size(), sent.size());
  EXPECT_TRUE(ran.out == sent);
  EXPECT_EQ(ran.err, "10485760");
}

TEST_F(RunnerTest, TheRunnerIsGoneBeforeTheCommandRuns) {
  plan_->process.command = {Child(), "tree", "1"};
  const auto sandbox = Launch();
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
  EXPECT_THAT(started_.processes, SizeIs(1));
  EXPECT_TRUE(RunnersAreGone());
}

TEST_F(RunnerTest, Limits) {
  plan_->process.command = {Child(), "tree", "1"};
  plan_->limits.wall = std::chrono::milliseconds(1500);
  EXPECT_EQ(Run().result.outcome.kind, ExitKind::kWallLimit);
  plan_->process.command = {Child(), "flood"};
  plan_->limits.wall.reset();
  plan_->limits.output = 100'000;
  EXPECT_EQ(Run().result.outcome.kind, ExitKind::kOutputLimit);
}

TEST_F(RunnerTest, TheEnvironmentIsThePlansAndTheUsersOwn) {
  plan_->folders = {{"{run_folder}", "(A;OICI;0x1301bf;;;{run})(A;OICI;0x1301bf;;;{group})", false}};
  plan_->process.environment = {"SystemRoot=C:\\windows", "FOLDER={run_folder}\\a", "username=set by the user"};
  plan_->process.command = {Child(), "environment"};
  const Ran ran = Run();
  EXPECT_THAT(ran.out, HasSubstr("FOLDER=C:\\"));
  EXPECT_THAT(ran.out, HasSubstr("\nUSERPROFILE=C:\\"));
  EXPECT_THAT(ran.out, HasSubstr("username=set by the user"));
  EXPECT_FALSE(absl::StrContains(ran.out, "\nUSERNAME="));
  EXPECT_FALSE(absl::StrContains(ran.out, "TEMP=")) << "the plan names none";
}

TEST_F(RunnerTest, WhatIsNoProgram) {
  const std::string text = MakeFile("text.dat", "no program");
  plan_->process.command = {"no-such-command"};
  EXPECT_EQ(Run().result.outcome.kind, ExitKind::kNotFound);
  plan_->process.command = {text};
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kNotExecutable);
  EXPECT_FALSE(ran.result.outcome.reason.detail.empty());
  EXPECT_FALSE(ran.started);
  plan_->process.command = {Child(), "exit", "0"};
  plan_->process.cwd = absl::StrCat(plan_->process.cwd, "\\absent");
  EXPECT_EQ(Code(), "cwd_unusable");
  EXPECT_TRUE(RunnersAreGone());
}

// The folder of the test is leased to the run and, by a lease of its own, to the dedicated users' group.
TEST_F(RunnerTest, LeasesOfTheGroupToo) {
  const std::string ws = MakeLeasedWorkspace();
  Use(RunnerOptionsFor(Beside("runner_child.exe"), &started_));
  plan_->token.restricting.push_back("{user}");
  auto& changes = plan_->roots[0].changes;
  for (AceChange& change : changes) change.ace = absl::StrReplaceAll(change.ace, {{"{user}", "{group}"}});
  for (AceChange& change : changes) change.if_children_grant_delete = false;
  changes.push_back({ws, "(A;OICI;0x1301bf;;;{group})", AceScope::kTree, true, false, "write"});
  plan_->process.cwd = ws;
  plan_->process.command = {MakeFile("make.bat",
                                     "@echo off\r\nif exist .claude echo held\r\necho x> .mcp.json\r\n"
                                     "echo y> made.txt\r\nexit /b 3\r\n")};
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.code, 3) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("held"));
  EXPECT_FALSE(Exists(ws + "\\.claude"));
  EXPECT_FALSE(Exists(ws + "\\.mcp.json"));
  EXPECT_TRUE(Exists(ws + "\\made.txt"));
  const auto collected = CollectGrants(plan_->state_dir);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_EQ(collected->removed, 2u);
  EXPECT_EQ(collected->kept, 0u);
}

TEST_F(RunnerTest, Terminal) {
  plan_->process.tty = stdio_.tty = true;
  plan_->process.handles.clear();
  plan_->process.command = {Child(), "console"};
  stdio_.tty_columns = 97;
  const Ran ran = Run();
  EXPECT_EQ(ran.result.outcome.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("columns=97."));
  EXPECT_TRUE(RunnersAreGone()) << "it has kept the terminal, and goes with it";
}

// With it goes the terminal; the tree is the launcher's to end as ever.
TEST_F(RunnerTest, TheRunnerOfATerminalIsKilled) {
  plan_->process.tty = stdio_.tty = true;
  plan_->process.handles.clear();
  plan_->process.command = {Child(), "resized"};
  stdio_.tty_columns = 97;
  const Ran ran = Run([&](Sandbox& sandbox) {
    EXPECT_TRUE(AwaitOutput("columns=97."));
    EXPECT_FALSE(RunnersAreGone()) << "the control";
    EXPECT_TRUE(TerminateProcess(started_.processes.back().get(), 1));
    EXPECT_TRUE(sandbox.Signal(15).ok());
  });
  EXPECT_EQ(ran.exits, 1);
  EXPECT_TRUE(RunnersAreGone());
}

TEST_F(RunnerTest, SignalsAndInterrupts) {
  plan_->process.command = {Child(), "tree", "0"};
  const Ran ran = Run([](Sandbox& sandbox) { EXPECT_TRUE(sandbox.Signal(15).ok()); });
  EXPECT_EQ(ran.result.outcome.kind, ExitKind::kSignalled);
  EXPECT_EQ(ran.result.outcome.signal, 15);
  const UniqueHandle event(CreateEventW(nullptr, TRUE, TRUE, nullptr));
  stdio_.signals = reinterpret_cast<intptr_t>(event.get());
  EXPECT_EQ(ExitStatus(Run().result.outcome), 130) << "while the runner is waited for";
  EXPECT_TRUE(RunnersAreGone());
}

TEST_F(RunnerTest, WithoutUsersThereIsNoneToRunAs) {
  WindowsTokenLauncherOptions options = RunnerOptionsFor(Beside("runner_child.exe"), &started_);
  options.users.reset();
  Use(std::move(options));
  plan_->process.command = {Child(), "exit", "0"};
  EXPECT_TRUE(absl::IsUnavailable(Launch().status()));
  EXPECT_EQ(Code(), "not_provisioned");
  EXPECT_TRUE(started_.processes.empty());
}

// The program that is installed does not believe what it cannot read back.
TEST_F(RunnerTest, TheRunnerItselfRefusesAWine) {
  if (!IsWine()) GTEST_SKIP() << "this is a Windows";
  Use(RunnerOptionsFor(PADDOCK_RUNNER, &started_));
  plan_->process.command = {Child(), "exit", "0"};
  const absl::Status status = Launch().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(ReasonOf(status).value_or(Reason()).code, "readback_failed") << status;
  EXPECT_FALSE(Exists(plan_->state_dir)) << "the host was changed";
  EXPECT_THAT(started_.processes, SizeIs(1));
  EXPECT_TRUE(RunnersAreGone());
}

// Of this very user nothing is filtered: what is to be seen.
TEST_F(RunnerTest, AConnectionThatArrivesEndsTheLaunch) {
  plan_->filtered_network = true;
  plan_->process.command = {Child(), "exit", "0"};
  EXPECT_EQ(Code(), "network_filter_unverified");
  EXPECT_TRUE(RunnersAreGone());
  const auto state = OpenLeaseState(plan_->state_dir);
  ASSERT_TRUE(state.ok());
  const auto record = ParseNetworkFilterRecord((*state)->Read(kNetworkFilterFile).value());
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->setup, kTestSetup);
  EXPECT_FALSE(record->holds);
  EXPECT_FALSE(Exists(absl::StrCat(plan_->state_dir, "\\runs"))) << "nothing else was made";

  ThisUser users(Beside("runner_child.exe"));
  const auto starter = MakeTestStarter(nullptr);
  std::mutex station;
  const auto tested = VerifyNetworkFilter(users.Find(true).value(), *starter, station);
  ASSERT_TRUE(tested.ok()) << tested.status();
  EXPECT_EQ(tested->finding, FilterFinding::kOpen);
}

}  // namespace
}  // namespace paddock
