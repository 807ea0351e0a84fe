// The launcher's contract (core/backend/launcher.h), with real commands in real sandboxes. Attacks are elsewhere
// (tests/integration); streams are in sandbox_streams_test.cc.

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/linux_landlock/sandbox_fixture.h"

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

// Long enough for any machine under load; waiting for it fails the test.
constexpr int kForever = 60'000;

bool IsReady(intptr_t fd, int timeout) {
  pollfd event = {static_cast<int>(fd), POLLIN, 0};
  return poll(&event, 1, timeout) == 1;
}

// ---- Events and results.

TEST_F(SandboxTest, EventsComeInOrderAndExitedOnceAndLast) {
  RecordingSink sink;
  const RunResult result = RunShell("echo out; echo err >&2", sink);
  EXPECT_THAT(sink.kinds, MatchesRegex("SO+X"));
  EXPECT_EQ(sink.out, "out\n");
  EXPECT_EQ(sink.err, "err\n");
  EXPECT_GT(sink.process_id, 1);
  EXPECT_EQ(sink.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(result.usage.output, 8u);
  EXPECT_GT(result.usage.wall.count(), 0);
  EXPECT_GT(result.usage.max_resident, 0u);
}

TEST_F(SandboxTest, NothingIsToldBeforeWait) {
  RecordingSink sink;
  const auto sandbox = Launch({"echo", "x"}, OutputOnly(), sink);
  ASSERT_NE(sandbox, nullptr);
  EXPECT_TRUE(IsReady(sandbox->wait_handle(), kForever));
  EXPECT_EQ(sink.kinds, "");
  sandbox->Wait();
  EXPECT_EQ(sink.kinds, "SOX");
}

TEST_F(SandboxTest, WhatIsInForceIsReadBack) {
  RecordingSink sink;
  const RunResult result = RunShell("grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; exit 0", sink);
  for (const char* const applied : {"no capabilities", "no_new_privs", "seccomp filter"}) {
    EXPECT_THAT(result.applied, Contains(applied));
  }
  EXPECT_THAT(sink.out, HasSubstr("CapEff:\t0000000000000000"));
  EXPECT_THAT(sink.out, HasSubstr("CapBnd:\t0000000000000000"));
  EXPECT_THAT(sink.out, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(sink.out, HasSubstr("Seccomp:\t2"));
}

TEST_F(SandboxTest, ArgumentsEnvironmentAndDirectoryReachTheCommand) {
  std::filesystem::create_directory(Ws("sub dir"));
  request_.cwd = Ws("sub dir");
  request_.environment["ODD"] = "a=b\n\xff";
  RecordingSink sink;
  Run({"sh", "-c", "pwd; printf '<%s>' \"$@\" \"$ODD\"", "sh", "", "a b", "\x1b[31m", "-n"}, OutputOnly(), sink);
  EXPECT_EQ(sink.out, absl::StrCat(ws_, "/sub dir\n<><a b><\x1b[31m><-n><a=b\n\xff>"));
}

// Pid 1 keeps to one processor until it has started the command, and the guard for good.
TEST_F(SandboxTest, TheCommandMayUseEveryProcessorOfTheCallers) {
  DenyWrite(".mcp.json");  // for a guard
  File("code.c", "");
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  if (CPU_COUNT(&before) < 2) GTEST_SKIP() << "there is one processor only";
  RecordingSink sink;
  Run({"nproc"}, OutputOnly(), sink);
  EXPECT_EQ(sink.out, absl::StrCat(CPU_COUNT(&before), "\n"));
  ASSERT_EQ(sched_getaffinity(0, sizeof(after), &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

// ---- How a run ends.

struct Ending {
  const char* script;
  ExitKind kind;
  int value;  // code or signal
};

TEST_F(SandboxTest, TheCommandsOwnEndIsTold) {
  const Ending endings[] = {
      {"exit 0", ExitKind::kExited, 0},
      {"exit 7", ExitKind::kExited, 7},
      {"exit 125", ExitKind::kExited, 125},
      {"exit 137", ExitKind::kExited, 137},
      {"kill -TERM $$", ExitKind::kSignalled, SIGTERM},
      {"kill -KILL $$", ExitKind::kSignalled, SIGKILL},
      {"kill -SEGV $$", ExitKind::kSignalled, SIGSEGV},
  };
  for (const Ending& ending : endings) {
    RecordingSink sink;
    const RunResult result = RunShell(ending.script, sink);
    EXPECT_EQ(result.outcome.kind, ending.kind) << ending.script;
    EXPECT_EQ(ending.kind == ExitKind::kExited ? result.outcome.code : result.outcome.signal, ending.value)
        << ending.script;
    EXPECT_EQ(sink.outcome.kind, ending.kind);
  }
}

TEST_F(SandboxTest, ACommandThatIsNotThereHasNotStarted) {
  for (const char* const command : {"no-such-command", "/no/such/command", "./no-such-command"}) {
    RecordingSink sink;
    const RunResult result = Run({command}, OutputOnly(), sink);
    EXPECT_EQ(result.outcome.kind, ExitKind::kNotFound) << command;
    EXPECT_EQ(result.outcome.reason.code, "command_not_found");
    EXPECT_THAT(result.outcome.reason.detail, HasSubstr(command));
    EXPECT_EQ(sink.kinds, "X") << command;
  }
}

TEST_F(SandboxTest, ACommandThatCannotBeExecutedIsToldApart) {
  File("plain", "echo hi\n");
  File("foreign", "\x7f\x45LF not really");
  std::filesystem::permissions(Ws("foreign"), std::filesystem::perms::owner_all);
  for (const std::string& command : {Ws("plain"), ws_, Ws("plain/below")}) {
    RecordingSink sink;
    const RunResult result = Run({command}, OutputOnly(), sink);
    const bool below = absl::EndsWith(command, "below");  // ENOTDIR: there is none
    EXPECT_EQ(result.outcome.kind, below ? ExitKind::kNotFound : ExitKind::kNotExecutable) << command;
    EXPECT_EQ(sink.kinds, "X") << command;
  }
}

TEST_F(SandboxTest, AScriptWithoutAnInterpreterLineIsTheShells) {
  File("script", "echo \"ran $0 $1\"\n");
  std::filesystem::permissions(Ws("script"), std::filesystem::perms::owner_all);
  RecordingSink sink;
  Run({"./script", "arg"}, OutputOnly(), sink);
  EXPECT_EQ(sink.out, "ran ./script arg\n");
}

TEST_F(SandboxTest, TheWallLimitEndsTheRun) {
  request_.policy.limits.wall = std::chrono::milliseconds(200);
  RecordingSink sink;
  const RunResult result = RunShell("sleep 1000", sink);
  EXPECT_EQ(result.outcome.kind, ExitKind::kWallLimit);
  EXPECT_GE(result.usage.wall, std::chrono::milliseconds(200));
  EXPECT_EQ(sink.kinds, "SX");
}

TEST_F(SandboxTest, TheWallLimitLetsTheCommandCleanUp) {
  request_.policy.limits.wall = std::chrono::milliseconds(200);
  RecordingSink sink;
  const RunResult result = RunShell("trap 'echo cleaned; exit 3' TERM; while :; do sleep 0.05; done", sink);
  EXPECT_EQ(result.outcome.kind, ExitKind::kWallLimit);
  EXPECT_EQ(sink.out, "cleaned\n");
}

TEST_F(SandboxTest, TheWallLimitHoldsAgainstACommandThatIgnoresIt) {
  request_.policy.limits.wall = std::chrono::milliseconds(100);
  for (const char* const script : {"trap '' TERM; while :; do sleep 0.1; done", "kill -STOP $$"}) {
    RecordingSink sink;
    EXPECT_EQ(RunShell(script, sink).outcome.kind, ExitKind::kWallLimit) << script;
  }
}

TEST_F(SandboxTest, TheCpuLimitIsToldByItsSignal) {
  request_.policy.limits.cpu = std::chrono::milliseconds(1000);
  RecordingSink sink;
  EXPECT_EQ(RunShell("while :; do :; done", sink).outcome.kind, ExitKind::kCpuLimit);
}

TEST_F(SandboxTest, AFileLimitIsTheCommandsError) {
  request_.policy.limits.file_size = 1000;
  RecordingSink sink;
  const RunResult result = RunShell("trap '' XFSZ; head -c 1000 /dev/zero > a && ! head -c 1001 /dev/zero > b", sink);
  EXPECT_EQ(result.outcome.code, 0) << sink.err;
  EXPECT_EQ(std::filesystem::file_size(Ws("b")), 1000u);
}

// ---- The tree.

TEST_F(SandboxTest, TheCommandsEndEndsItsTree) {
  RecordingSink sink;
  const PipeEnds out;
  Stdio stdio = OutputOnly();
  stdio.out = HandleStream(out.write_end.get());
  const auto sandbox = Launch({"sh", "-c", "setsid sleep 1000 >&- 2>&- & echo ready"}, stdio, sink);
  ASSERT_NE(sandbox, nullptr);
  sandbox->Wait();
  EXPECT_THAT(Descendants(sink.process_id), IsEmpty());
}

TEST_F(SandboxTest, DestroyingARunningSandboxEndsTheTree) {
  RecordingSink sink;
  PipeEnds out;
  Stdio stdio = OutputOnly();
  stdio.out = HandleStream(out.write_end.get());
  auto sandbox = Launch({"sh", "-c", "trap '' TERM HUP INT; (setsid sh -c 'sleep 1000' &) ; echo ready; sleep 1000; :"},
                        stdio, sink);
  ASSERT_NE(sandbox, nullptr);
  char ready[6];
  ASSERT_EQ(read(out.read_end.get(), ready, sizeof(ready)), 6);
  const std::string info = ReadFile(absl::StrCat("/proc/self/fdinfo/", sandbox->wait_handle()));
  const size_t at = info.find("Pid:");
  ASSERT_NE(at, std::string::npos) << info;
  const int init = std::atoi(info.c_str() + at + 4);
  std::vector<UniqueFd> tree;
  for (const int pid : Descendants(init)) {
    tree.emplace_back(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    ASSERT_TRUE(tree.back().valid());
    ASSERT_FALSE(IsReady(tree.back().get(), 0)) << "alive before";
  }
  ASSERT_GE(tree.size(), 2u) << "the shell, and the one that left the session";
  sandbox.reset();
  for (const UniqueFd& process : tree) EXPECT_TRUE(IsReady(process.get(), 0));
  EXPECT_TRUE(HasNoChild());
}

TEST_F(SandboxTest, TheWaitHandleIsReadyWhenTheTreeHasEnded) {
  RecordingSink sink;
  PipeEnds in;
  Stdio stdio = OutputOnly();
  stdio.in = HandleStream(in.read_end.get());
  const auto sandbox = Launch({"cat"}, stdio, sink);
  ASSERT_NE(sandbox, nullptr);
  EXPECT_FALSE(IsReady(sandbox->wait_handle(), 0));
  in.write_end.reset();
  EXPECT_TRUE(IsReady(sandbox->wait_handle(), kForever));
  EXPECT_EQ(sandbox->Wait().outcome.kind, ExitKind::kExited);
}

TEST_F(SandboxTest, SignalsReachTheCommand) {
  RecordingSink sink;
  const auto sandbox =
      Launch({"sh", "-c", "trap 'exit 42' USR1; echo ready; while :; do sleep 0.05; done"}, OutputOnly(), sink);
  ASSERT_NE(sandbox, nullptr);
  bool sent = false;  // once: the shell may say that its sleep was ended, and be gone by the time that is read
  sink.then = [&](const Event& event) {
    if (!sent && std::holds_alternative<OutputEvent>(event)) {
      EXPECT_TRUE(sandbox->Signal(SIGUSR1).ok());
      sent = true;
    }
  };
  const RunResult result = sandbox->Wait();
  EXPECT_EQ(result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(result.outcome.code, 42);
  EXPECT_FALSE(sandbox->Signal(SIGUSR1).ok()) << "nobody is there any more";
}

TEST_F(SandboxTest, SigkillEndsTheTree) {
  RecordingSink sink;
  const auto sandbox = Launch({"sleep", "1000"}, OutputOnly(), sink);
  ASSERT_NE(sandbox, nullptr);
  ASSERT_TRUE(sandbox->Signal(SIGKILL).ok());
  const RunResult result = sandbox->Wait();
  EXPECT_EQ(result.outcome.kind, ExitKind::kSignalled);
  EXPECT_EQ(result.outcome.signal, SIGKILL);
}

// Pid 1 takes signals from the launcher alone: nothing inside can end or confuse it.
TEST_F(SandboxTest, SignalsFromInsideDoNotReachPidOne) {
  RecordingSink sink;
  const RunResult result = RunShell("for s in TERM INT HUP USR1 KILL STOP CHLD; do kill -$s 1; done; echo alive", sink);
  EXPECT_EQ(sink.out, "alive\n");
  EXPECT_EQ(result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(result.outcome.code, 0);
}

// ---- Placeholders and what is watched.

TEST_F(SandboxTest, AnAbsentNameIsHeldDuringTheRunAndGoneAfterwards) {
  File("code.c", "");
  DenyWrite(".mcp.json");
  DenyWrite("a/b/name");
  RecordingSink sink;
  const RunResult result = RunShell(
      "for n in .mcp.json a/b/name; do "
      "echo x > $n || rm -rf $n || mv $n other || mkdir $n/in || touch $n/in || echo held; done; "
      "mv a c || echo pinned; touch a/free && rm a/free",
      sink);
  EXPECT_EQ(sink.out, "held\nheld\npinned\n") << sink.err;
  EXPECT_EQ(result.outcome.code, 0) << sink.err;
  EXPECT_THAT(result.violations, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(Ws(".mcp.json")));
  EXPECT_FALSE(std::filesystem::exists(Ws("a")));
  EXPECT_THAT(Journals(), IsEmpty());
  // The control: without the rule the same works.
  request_.deny_write.clear();
  RecordingSink control;
  EXPECT_EQ(RunShell("echo x > .mcp.json", control).outcome.code, 0);
  EXPECT_TRUE(std::filesystem::exists(Ws(".mcp.json")));
}

TEST_F(SandboxTest, WhatTheCommandPutsBesideAPlaceholderStays) {
  File("code.c", "");
  DenyWrite(".github/hooks");
  RecordingSink sink;
  RunShell("mkdir .github/workflows && echo on > .github/workflows/ci.yml", sink);
  EXPECT_EQ(ReadFile(Ws(".github/workflows/ci.yml")), "on\n");
  EXPECT_FALSE(std::filesystem::exists(Ws(".github/hooks")));
}

TEST_F(SandboxTest, TwoRunsShareTheirPlaceholders) {
  File("code.c", "");
  DenyWrite(".mcp.json");
  RecordingSink first, second;
  PipeEnds in;
  Stdio stdio = OutputOnly();
  stdio.in = HandleStream(in.read_end.get());
  const auto waiting = Launch({"cat"}, stdio, first);
  ASSERT_NE(waiting, nullptr);
  EXPECT_EQ(RunShell("! touch .mcp.json/x", second).outcome.code, 0);
  EXPECT_TRUE(std::filesystem::exists(Ws(".mcp.json"))) << "the other run still needs it";
  in.write_end.reset();
  waiting->Wait();
  EXPECT_FALSE(std::filesystem::exists(Ws(".mcp.json")));
}

TEST_F(SandboxTest, AReportedNameIsAViolationAfterwards) {
  DenyWrite(".mcp.json");  // the workspace is empty, so that nothing is held
  RecordingSink sink;
  const RunResult result = RunShell("echo '{}' > .mcp.json; echo all: > Makefile", sink);
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].rule, "filesystem.deny_write .mcp.json");
  EXPECT_FALSE(result.violations[0].observed);
  EXPECT_EQ(sink.violations.size(), 1u);
  EXPECT_EQ(sink.kinds, "SVX");
  ASSERT_EQ(result.left_behind.size(), 1u);
  EXPECT_EQ(result.left_behind[0].path, Ws("Makefile"));
}

// ---- Nothing is left.

TEST_F(SandboxTest, TwentyRunsLeaveNoDescriptorAndNoChild) {
  File("code.c", "");
  DenyWrite(".mcp.json");
  RecordingSink warm_up;
  RunShell("true", warm_up);
  const size_t before = OpenDescriptors();
  for (int i = 0; i < 20; ++i) {
    RecordingSink sink;
    Stdio stdio = i % 2 == 0 ? OutputOnly() : AllPipes();
    stdio.tty = i % 5 == 0;
    const auto sandbox = Launch({i % 4 == 0 ? "true" : "no-such-command"}, stdio, sink);
    ASSERT_NE(sandbox, nullptr);
    if (i % 3 != 0) sandbox->Wait();
  }
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_TRUE(HasNoChild());
  EXPECT_THAT(Journals(), IsEmpty());
}

TEST_F(SandboxTest, AFailedLaunchLeavesNothing) {
  File("code.c", "");
  DenyWrite(".mcp.json");
  LaunchPlan no_directory = PlanFor({"true"});
  auto body = std::make_shared<LinuxPlan>(dynamic_cast<const LinuxPlan&>(*no_directory.body));
  body->cwd = Ws("none");
  no_directory.body = body;
  LaunchPlan changed = PlanFor({"true"});
  body = std::make_shared<LinuxPlan>(dynamic_cast<const LinuxPlan&>(*changed.body));
  for (MountStep& step : body->mounts) {
    if (step.op == MountOp::kBind && step.target == ws_) ++step.identity.inode;
  }
  changed.body = body;
  LaunchPlan later = PlanFor({"true"});
  body = std::make_shared<LinuxPlan>(dynamic_cast<const LinuxPlan&>(*later.body));
  body->landlock.push_back({"/no/such/path", LandlockGrant::kRead, true});
  body->landlock_abi = std::max(body->landlock_abi, 1);
  later.body = body;
  const UniqueFd directory(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Stdio with_directory = OutputOnly();
  with_directory.in = HandleStream(directory.get());

  struct Failure {
    const LaunchPlan* plan;
    Stdio stdio;
    absl::StatusCode code;
    const char* reason;
  };
  const Failure failures[] = {
      {&no_directory, OutputOnly(), absl::StatusCode::kFailedPrecondition, "cwd_unusable"},
      {&changed, OutputOnly(), absl::StatusCode::kFailedPrecondition, "path_changed"},
      {&later, OutputOnly(), absl::StatusCode::kUnavailable, "setup_failed"},
      {&no_directory, with_directory, absl::StatusCode::kFailedPrecondition, "stdio_is_directory"},
  };
  const size_t before = OpenDescriptors();
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.reason);
    RecordingSink sink;
    const auto sandbox = TryLaunch(*failure.plan, failure.stdio, sink);
    ASSERT_FALSE(sandbox.ok());
    EXPECT_EQ(sandbox.status().code(), failure.code) << sandbox.status();
    const std::optional<Reason> reason = ReasonOf(sandbox.status());
    EXPECT_EQ(reason.has_value() ? reason->code : "", failure.reason) << sandbox.status();
    EXPECT_EQ(sink.kinds, "");
    EXPECT_FALSE(std::filesystem::exists(Ws(".mcp.json")));
    EXPECT_THAT(Journals(), IsEmpty());
    EXPECT_TRUE(HasNoChild());
    EXPECT_EQ(OpenDescriptors(), before);
  }
}

// Between planning and launching somebody puts a link in the workspace's place.
TEST_F(SandboxTest, AWorkspaceThatBecameALinkIsRefused) {
  const LaunchPlan plan = PlanFor({"true"});
  std::filesystem::rename(ws_, root_ + "/real");
  std::filesystem::create_symlink(root_ + "/real", ws_);
  RecordingSink sink;
  const auto sandbox = TryLaunch(plan, OutputOnly(), sink);
  ASSERT_FALSE(sandbox.ok());
  EXPECT_EQ(ReasonOf(sandbox.status())->code, "path_changed") << sandbox.status();
}

TEST_F(SandboxTest, AStateDirectoryThatCannotBeUsedIsRefusedBeforeAnythingRuns) {
  File("code.c", "");
  DenyWrite(".mcp.json");
  std::filesystem::remove_all(state_);
  std::ofstream(state_) << "a file";
  RecordingSink sink;
  const auto sandbox = TryLaunch(PlanFor({"touch", "ran"}), OutputOnly(), sink);
  ASSERT_FALSE(sandbox.ok());
  EXPECT_EQ(ReasonOf(sandbox.status())->code, "state_dir_unusable") << sandbox.status();
  EXPECT_FALSE(std::filesystem::exists(Ws("ran")));
}

TEST_F(SandboxTest, PlansOfOthersAreNotLaunched) {
  RecordingSink sink;
  LaunchPlan plan = PlanFor({"true"});
  auto body = std::make_shared<LinuxPlan>(*std::dynamic_pointer_cast<const LinuxPlan>(plan.body));
  body->tier = LinuxTier::kBubblewrap;
  body->bubblewrap = "/usr/bin/bwrap";
  plan.body = body;  // this launcher has no inner stage to start
  EXPECT_TRUE(absl::IsUnavailable(TryLaunch(plan, OutputOnly(), sink).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(TryLaunch(LaunchPlan(), OutputOnly(), sink).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(TryLaunch(PlanFor({}), OutputOnly(), sink).status()));
}

TEST_F(SandboxTest, TwoThreadsLaunchAtOnce) {
  const LaunchPlan plan = PlanFor({"sh", "-c", "cat; echo done"});
  const auto run = [&](RecordingSink* sink) {
    for (int i = 0; i < 5; ++i) {
      auto sandbox = TryLaunch(plan, AllPipes(), *sink);
      ASSERT_TRUE(sandbox.ok()) << sandbox.status();
      ASSERT_TRUE((*sandbox)->Write("in\n").ok());
      ASSERT_TRUE((*sandbox)->CloseInput().ok());
      EXPECT_EQ((*sandbox)->Wait().outcome.kind, ExitKind::kExited);
    }
  };
  RecordingSink one, other;
  std::thread second([&] { run(&other); });
  run(&one);
  second.join();
  std::string expected;
  for (int i = 0; i < 5; ++i) expected += "in\ndone\n";
  EXPECT_EQ(one.out, expected);
  EXPECT_EQ(other.out, expected);
}

}  // namespace
}  // namespace paddock
