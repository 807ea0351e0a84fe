// Standard streams and terminals of real sandboxes.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/linux_landlock/sandbox_fixture.h"

extern char** environ;  // unistd.h

namespace paddock {
namespace {

using ::testing::HasSubstr;

class SandboxStreamsTest : public SandboxTest {
 protected:
  UniqueFd Open(const std::string& path, int flags) const {
    UniqueFd fd(open(path.c_str(), flags | O_CLOEXEC, 0644));
    EXPECT_TRUE(fd.valid()) << path;
    return fd;
  }
};

// Numbered lines: any loss, doubling or change of order shows.
std::string Numbers(size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) absl::StrAppend(&text, i, "\n");
  return text;
}

// ---- Input.

TEST_F(SandboxStreamsTest, WriteFeedsTheCommandUntilTheInputIsClosed) {
  RecordingSink sink;
  const auto sandbox = Launch({"cat"}, AllPipes(), sink);
  ASSERT_NE(sandbox, nullptr);
  const std::string sent = Numbers(1'000'000);
  std::thread writer([&] {
    EXPECT_TRUE(sandbox->Write(absl::string_view(sent).substr(0, 10)).ok());
    EXPECT_TRUE(sandbox->Write(absl::string_view(sent).substr(10)).ok());
    EXPECT_TRUE(sandbox->CloseInput().ok());
    EXPECT_FALSE(sandbox->Write("more").ok());
  });
  const RunResult result = sandbox->Wait();
  writer.join();
  EXPECT_EQ(result.outcome.code, 0);
  EXPECT_TRUE(sink.out == sent) << sink.out.size() << " bytes of " << sent.size();
}

TEST_F(SandboxStreamsTest, WritingToACommandThatDoesNotReadIsAnErrorAndNoSignal) {
  RecordingSink sink;
  const auto sandbox = Launch({"true"}, AllPipes(), sink);
  ASSERT_NE(sandbox, nullptr);
  absl::Status written;
  std::thread writer([&] {
    const std::string megabyte(1 << 20, 'x');
    while (written.ok()) written = sandbox->Write(megabyte);
  });
  sandbox->Wait();
  writer.join();
  EXPECT_FALSE(written.ok());
}

TEST_F(SandboxStreamsTest, NoInputIsTheEndOfFileAndNoOutputVanishes) {
  RecordingSink sink;
  Stdio stdio = OutputOnly();
  stdio.out = NoStream();
  const RunResult result = Run({"sh", "-c", "cat && echo vanishes && echo seen >&2"}, stdio, sink);
  EXPECT_EQ(result.outcome.code, 0);
  EXPECT_EQ(sink.out, "");
  EXPECT_EQ(sink.err, "seen\n");
}

// `while read x; do paddock run ...; done < list` has to see every line.
TEST_F(SandboxStreamsTest, AFilesOffsetIsGivenBack) {
  File("list", "first\nsecond\nthird\n");
  const UniqueFd list = Open(Ws("list"), O_RDONLY);
  Stdio stdio = OutputOnly();
  stdio.in = HandleStream(list.get());
  for (const char* const line : {"first", "second", "third"}) {
    RecordingSink sink;
    Run({"sh", "-c", "read line; echo $line"}, stdio, sink);
    EXPECT_EQ(sink.out, absl::StrCat(line, "\n"));
  }
  EXPECT_EQ(lseek(list.get(), 0, SEEK_CUR), 19);
}

// ---- Output.

TEST_F(SandboxStreamsTest, HandlesGetTheBytesOfTheirStream) {
  PipeEnds in, out;
  const UniqueFd err = Open(Ws("err"), O_WRONLY | O_CREAT);
  Stdio stdio;
  stdio.in = HandleStream(in.read_end.get());
  stdio.out = HandleStream(out.write_end.get());
  stdio.err = HandleStream(err.get());
  ASSERT_EQ(write(in.write_end.get(), "hello", 5), 5);
  in.write_end.reset();
  RecordingSink sink;
  Run({"sh", "-c", "cat; echo err >&2"}, stdio, sink);
  out.write_end.reset();
  EXPECT_EQ(ReadAll(out.read_end.get()), "hello");
  EXPECT_EQ(ReadFile(Ws("err")), "err\n");
  EXPECT_EQ(sink.kinds, "SX");
}

TEST_F(SandboxStreamsTest, InheritedStreamsAreTheCallers) {
  PipeEnds out;
  const UniqueFd saved(fcntl(2, F_DUPFD_CLOEXEC, 10));
  ASSERT_EQ(dup2(out.write_end.get(), 2), 2);
  out.write_end.reset();
  RecordingSink sink;
  Stdio stdio = OutputOnly();
  stdio.err = StreamSpec{StreamSpec::Kind::kInherit, -1};
  Run({"sh", "-c", "echo inherited >&2"}, stdio, sink);
  ASSERT_EQ(dup2(saved.get(), 2), 2);
  EXPECT_EQ(ReadAll(out.read_end.get()), "inherited\n");
}

TEST_F(SandboxStreamsTest, BothStreamsToOneFileKeepTheirOrder) {
  const UniqueFd log = Open(root_ + "/log", O_WRONLY | O_CREAT);
  Stdio stdio = OutputOnly();
  stdio.out = stdio.err = HandleStream(log.get());
  RecordingSink sink;
  Run({"sh", "-c", "i=0; while [ $i -lt 300 ]; do echo $i; echo $((i+1)) >&2; i=$((i+2)); done"}, stdio, sink);
  std::string expected;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&expected, i, "\n");
  EXPECT_EQ(ReadFile(root_ + "/log"), expected);
}

TEST_F(SandboxStreamsTest, ASlowSinkGetsEverything) {
  RecordingSink sink;
  sink.then = [](const Event&) {
    for (int i = 0; i < 50; ++i) std::this_thread::yield();
  };
  const RunResult result = RunShell("seq 0 400000", sink);
  std::string expected;
  for (int i = 0; i <= 400000; ++i) absl::StrAppend(&expected, i, "\n");
  EXPECT_TRUE(sink.out == expected) << sink.out.size() << " bytes of " << expected.size();
  EXPECT_EQ(result.usage.output, expected.size());
}

TEST_F(SandboxStreamsTest, ASlowReaderGetsEverything) {
  request_.policy.limits.output = 100u << 20;  // counted, and so copied
  PipeEnds out;
  Stdio stdio = OutputOnly();
  stdio.out = HandleStream(out.write_end.get());
  RecordingSink sink;
  const auto sandbox = Launch({"seq", "0", "100000"}, stdio, sink);
  ASSERT_NE(sandbox, nullptr);
  std::string received;
  std::thread reader([&] {
    char buffer[512];
    for (ssize_t n; (n = read(out.read_end.get(), buffer, sizeof(buffer))) > 0;) {
      received.append(buffer, static_cast<size_t>(n));
    }
  });
  sandbox->Wait();
  out.write_end.reset();
  reader.join();
  std::string expected;
  for (int i = 0; i <= 100000; ++i) absl::StrAppend(&expected, i, "\n");
  EXPECT_TRUE(received == expected) << received.size() << " bytes of " << expected.size();
}

// ---- The output limit.

TEST_F(SandboxStreamsTest, ExactlyTheLimitIsAllowed) {
  request_.policy.limits.output = 100'000;
  RecordingSink sink;
  const RunResult result = RunShell("head -c 60000 /dev/zero; head -c 40000 /dev/zero >&2", sink);
  EXPECT_EQ(result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(result.usage.output, 100'000u);
  EXPECT_EQ(sink.out.size() + sink.err.size(), 100'000u);
}

TEST_F(SandboxStreamsTest, TheLargestLimitIsNone) {
  request_.policy.limits.output = ~uint64_t{0};
  RecordingSink sink;
  EXPECT_EQ(RunShell("echo all", sink).outcome.kind, ExitKind::kExited);
  EXPECT_EQ(sink.out, "all\n");
}

TEST_F(SandboxStreamsTest, OneByteMoreEndsTheRunAndIsNotRelayed) {
  request_.policy.limits.output = 100'000;
  for (const char* const script :
       {"head -c 100001 /dev/zero; sleep 1000", "head -c 100000 /dev/zero; printf x >&2; sleep 1000", "cat /dev/zero",
        "cat /dev/zero & cat /dev/zero >&2", "yes >&2"}) {
    RecordingSink sink;
    const RunResult result = RunShell(script, sink);
    EXPECT_EQ(result.outcome.kind, ExitKind::kOutputLimit) << script;
    EXPECT_EQ(sink.out.size() + sink.err.size(), 100'000u) << script;
    EXPECT_EQ(result.usage.output, 100'000u) << script;
  }
}

TEST_F(SandboxStreamsTest, WhatNobodyWantsIsCountedToo) {
  request_.policy.limits.output = 1000;
  const UniqueFd nowhere(open("/dev/null", O_RDWR | O_CLOEXEC));
  Stdio null = OutputOnly(), handle = OutputOnly();
  null.out = null.err = {StreamSpec::Kind::kNull, -1};
  handle.out = handle.err = HandleStream(nowhere.get());
  for (const Stdio& stdio : {null, handle}) {
    RecordingSink sink;
    const auto sandbox = Launch({"sh", "-c", "cat /dev/zero"}, stdio, sink);
    ASSERT_NE(sandbox, nullptr);
    EXPECT_EQ(sandbox->Wait().outcome.kind, ExitKind::kOutputLimit);
  }
}

// A reader that has stopped for good does not keep a run alive that is over.
TEST_F(SandboxStreamsTest, AStoppedReaderDoesNotHoldUpALimit) {
  request_.policy.limits.output = 1u << 20;
  request_.policy.limits.wall = std::chrono::milliseconds(200);
  PipeEnds out;
  Stdio stdio = OutputOnly();
  stdio.out = HandleStream(out.write_end.get());
  RecordingSink sink;
  EXPECT_EQ(Run({"cat", "/dev/zero"}, stdio, sink).outcome.kind, ExitKind::kWallLimit);
}

// ---- What the caller has open stays out.

std::string DescriptorsOf(const std::string& listing) {
  std::vector<std::string> numbers = absl::StrSplit(listing, '\n', absl::SkipEmpty());
  std::sort(numbers.begin(), numbers.end());
  std::string joined;
  for (const std::string& number : numbers) absl::StrAppend(&joined, joined.empty() ? "" : " ", number);
  return joined;
}

TEST_F(SandboxStreamsTest, DescriptorsOfTheCallerAreNotInside) {
  // On purpose without O_CLOEXEC.
  const UniqueFd directory(open("/", O_RDONLY | O_DIRECTORY));
  const UniqueFd high(fcntl(directory.get(), F_DUPFD, 700));
  const UniqueFd low(fcntl(directory.get(), F_DUPFD, 3));
  RecordingSink sink;
  Run({"ls", "/proc/self/fd"}, OutputOnly(), sink);
  EXPECT_EQ(DescriptorsOf(sink.out), "0 1 2 3") << "3 is the listing itself";

  // The control: a plain child has them.
  PipeEnds out;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), 1);
  char ls[] = "ls", path[] = "/proc/self/fd";
  char* const argv[] = {ls, path, nullptr};
  pid_t child = -1;
  ASSERT_EQ(posix_spawnp(&child, ls, &actions, nullptr, argv, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  out.write_end.reset();
  const std::string listing = ReadAll(out.read_end.get());
  waitpid(child, nullptr, 0);
  EXPECT_THAT(absl::StrCat(" ", DescriptorsOf(listing), " "), HasSubstr(" 700 "));
}

// Whatever the caller's stream is, the command's is no file of the host's that it could open anew or change.
TEST_F(SandboxStreamsTest, AStreamIsNoWayToTheCallersFile) {
  const UniqueFd log = Open(root_ + "/log", O_RDWR | O_CREAT);
  Stdio stdio = OutputOnly();
  stdio.in = stdio.out = HandleStream(log.get());
  RecordingSink sink;
  Run({"sh", "-c", "chmod 777 /proc/self/fd/0 /proc/self/fd/1; : > /proc/self/fd/0; readlink /proc/self/fd/0 >&2"},
      stdio, sink);
  EXPECT_THAT(sink.err, HasSubstr("pipe:"));
  EXPECT_EQ(std::filesystem::status(root_ + "/log").permissions() & std::filesystem::perms::others_write,
            std::filesystem::perms::none);
}

// ---- Terminals.

Stdio Terminal() {
  Stdio stdio = AllPipes();
  stdio.tty = true;
  return stdio;
}

TEST_F(SandboxStreamsTest, ATerminalIsOne) {
  RecordingSink sink;
  const auto sandbox =
      Launch({"sh", "-c", "test -t 0 && test -t 1 && test -t 2 && stty size && tty"}, Terminal(), sink);
  ASSERT_NE(sandbox, nullptr);
  EXPECT_EQ(sandbox->Wait().outcome.code, 0);
  EXPECT_THAT(sink.out, HasSubstr("24 80\r\n/dev/pts/"));
  EXPECT_EQ(sink.err, "") << "a terminal's output is all stdout";
}

TEST_F(SandboxStreamsTest, AResizeReachesTheCommand) {
  RecordingSink sink;
  const auto sandbox = Launch({"sh", "-c", "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done"},
                              Terminal(), sink);
  ASSERT_NE(sandbox, nullptr);
  bool resized = false;
  sink.then = [&](const Event&) {
    if (resized || !absl::StrContains(sink.out, "ready")) return;
    resized = true;
    EXPECT_TRUE(sandbox->Resize(132, 40).ok());
  };
  sandbox->Wait();
  EXPECT_THAT(sink.out, HasSubstr("40 132"));
}

TEST_F(SandboxStreamsTest, ATerminalsInputEndsByItsOwnEndOfFile) {
  RecordingSink sink;
  const auto sandbox = Launch({"cat"}, Terminal(), sink);
  ASSERT_NE(sandbox, nullptr);
  EXPECT_TRUE(sandbox->Write("line\n").ok());
  EXPECT_TRUE(sandbox->CloseInput().ok());
  EXPECT_TRUE(sandbox->Resize(100, 50).ok()) << "a closed input has nothing to do with it";
  EXPECT_EQ(sandbox->Wait().outcome.code, 0);
  EXPECT_EQ(sink.out, "line\r\nline\r\n") << "the echo, and cat's";
}

TEST_F(SandboxStreamsTest, TheTerminalsInterruptIsForTheCommand) {
  RecordingSink sink;
  const auto sandbox = Launch(
      {"sh", "-c", "trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.05; done"}, Terminal(), sink);
  ASSERT_NE(sandbox, nullptr);
  bool pressed = false;
  sink.then = [&](const Event&) {
    if (pressed || !absl::StrContains(sink.out, "ready")) return;
    pressed = true;
    EXPECT_TRUE(sandbox->Write("\x03").ok());
  };
  EXPECT_EQ(sandbox->Wait().outcome.code, 5);
  EXPECT_THAT(sink.out, HasSubstr("interrupted"));
}

TEST_F(SandboxStreamsTest, WithoutATerminalThereIsNothingToResize) {
  RecordingSink sink;
  const auto sandbox = Launch({"true"}, AllPipes(), sink);
  ASSERT_NE(sandbox, nullptr);
  EXPECT_FALSE(sandbox->Resize(80, 24).ok());
  sandbox->Wait();
}

TEST_F(SandboxStreamsTest, ResizingIsSafeBesideARun) {
  RecordingSink sink;
  PipeEnds in;
  Stdio stdio = Terminal();
  stdio.in = HandleStream(in.read_end.get());
  const auto sandbox = Launch({"cat"}, stdio, sink);
  ASSERT_NE(sandbox, nullptr);
  std::thread other([&] {
    for (uint16_t i = 1; i < 200; ++i) EXPECT_TRUE(sandbox->Resize(i, i).ok());
    in.write_end.reset();
  });
  sandbox->Wait();
  other.join();
}

}  // namespace
}  // namespace paddock
