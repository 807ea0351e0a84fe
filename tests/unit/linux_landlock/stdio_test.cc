#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "backends/linux_landlock/launch_stdio.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

class OutputSink : public EventSink {
 public:
  void OnEvent(const Event& event) override {
    const auto* const output = std::get_if<OutputEvent>(&event);
    ASSERT_NE(output, nullptr);
    (output->stream == StreamId::kStdout ? out : err).append(output->bytes.data(), output->bytes.size());
  }
  std::string out, err;
};

struct Pipe {
  explicit Pipe(int flags = O_CLOEXEC) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, flags), 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
  }
  UniqueFd read_end, write_end;
};

StreamSpec Null() { return {StreamSpec::Kind::kNull, -1}; }
StreamSpec ToPipe() { return {StreamSpec::Kind::kPipe, -1}; }
StreamSpec Handle(int fd) { return {StreamSpec::Kind::kHandle, fd}; }

Stdio Streams3(StreamSpec in, StreamSpec out, StreamSpec err) {
  Stdio stdio;
  stdio.in = in;
  stdio.out = out;
  stdio.err = err;
  return stdio;
}

Streams Connect(const Stdio& stdio, bool count_output = false) {
  absl::StatusOr<Streams> streams = ConnectStreams(stdio, count_output);
  EXPECT_TRUE(streams.ok()) << streams.status();
  return streams.ok() ? *std::move(streams) : Streams();
}

bool IsPipe(int fd) {
  struct stat st = {};
  return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

class StdioTest : public ::testing::Test {
 protected:
  StdioTest() { signal(SIGPIPE, SIG_IGN); }
  ~StdioTest() override { signal(SIGPIPE, SIG_DFL); }
  UniqueFd Open(const std::string& path, int flags) const {
    UniqueFd fd(open(path.c_str(), flags | O_CLOEXEC, 0644));
    EXPECT_TRUE(fd.valid()) << path << ": " << strerror(errno);
    return fd;
  }
  TempTree tree_;
};

// ---- What the command gets.

TEST_F(StdioTest, NullAndClosedStreamsBecomeTheSandboxsOwnNull) {
  const UniqueFd null = Open("/dev/null", O_RDWR);
  const Stdio cases[] = {Streams3(Null(), Null(), Null()),
                         Streams3(Handle(null.get()), Handle(null.get()), Handle(null.get())),
                         Streams3(Handle(-1), Handle(-1), Handle(987654))};
  for (const Stdio& stdio : cases) {
    const Streams streams = Connect(stdio);
    for (const int fd : streams.child) EXPECT_EQ(fd, -1);
    EXPECT_TRUE(streams.outputs.empty());
    EXPECT_FALSE(streams.input.has_value());
  }
}

TEST_F(StdioTest, AnAnonymousPipeIsHandedOver) {
  const Pipe in, out;
  const Streams streams = Connect(Streams3(Handle(in.read_end.get()), Handle(out.write_end.get()), Null()));
  EXPECT_EQ(streams.child[0], in.read_end.get());
  EXPECT_EQ(streams.child[1], out.write_end.get());
}

TEST_F(StdioTest, WhatHasToBeCountedIsCopied) {
  const Pipe in, out;
  const Streams streams =
      Connect(Streams3(Handle(in.read_end.get()), Handle(out.write_end.get()), Null()), /*count_output=*/true);
  EXPECT_EQ(streams.child[0], in.read_end.get());
  EXPECT_NE(streams.child[1], out.write_end.get());
  EXPECT_EQ(streams.outputs.size(), 2u) << "what goes nowhere is counted, too";
  EXPECT_EQ(Connect(Streams3(Null(), Null(), Null())).outputs.size(), 0u);
}

// With a descriptor of the host's file the command could change its owner, or open it anew, past every mount.
TEST_F(StdioTest, FilesFifosAndSocketsAreCopied) {
  tree_.Fifo("fifo");
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd one(ends[0]), other(ends[1]);
  const UniqueFd file = Open(tree_.File("file", "x"), O_RDWR);
  const UniqueFd fifo = Open(tree_.Path("fifo"), O_RDWR);
  for (const int fd : {file.get(), fifo.get(), one.get()}) {
    const Streams streams = Connect(Streams3(Handle(fd), Handle(fd), Null()));
    struct stat host = {}, child = {};
    ASSERT_EQ(fstat(fd, &host), 0);
    for (const int number : {0, 1}) {
      ASSERT_GE(streams.child[number], 0);
      EXPECT_TRUE(IsPipe(streams.child[number]));
      ASSERT_EQ(fstat(streams.child[number], &child), 0);
      EXPECT_FALSE(host.st_ino == child.st_ino && host.st_dev == child.st_dev);
    }
  }
}

TEST_F(StdioTest, ADirectoryIsRefused) {
  const UniqueFd directory = Open(tree_.root(), O_RDONLY | O_DIRECTORY);
  const UniqueFd path = Open(tree_.File("f"), O_PATH);
  for (const int fd : {directory.get(), path.get()}) {
    for (int number = 0; number < 3; ++number) {
      Stdio stdio = Streams3(Null(), Null(), Null());
      (number == 0 ? stdio.in : number == 1 ? stdio.out : stdio.err) = Handle(fd);
      const auto streams = ConnectStreams(stdio, false);
      ASSERT_FALSE(streams.ok());
      EXPECT_EQ(ReasonOf(streams.status())->code, "stdio_is_directory");
    }
  }
}

TEST_F(StdioTest, OneFileBehindBothOutputsIsOnePipe) {
  const UniqueFd file = Open(tree_.File("log"), O_WRONLY);
  const UniqueFd same = Open(tree_.Path("log"), O_WRONLY | O_APPEND);
  const UniqueFd another = Open(tree_.File("other"), O_WRONLY);
  const Streams one = Connect(Streams3(Null(), Handle(file.get()), Handle(same.get())));
  EXPECT_EQ(one.child[1], one.child[2]);
  EXPECT_EQ(one.outputs.size(), 1u);
  const Streams two = Connect(Streams3(Null(), Handle(file.get()), Handle(another.get())));
  EXPECT_NE(two.child[1], two.child[2]);
  EXPECT_EQ(two.outputs.size(), 2u);
}

TEST_F(StdioTest, NothingThatIsOpenedSurvivesAnExec) {
  const UniqueFd file = Open(tree_.File("file", "x"), O_RDWR);
  for (const Stdio& stdio :
       {Streams3(ToPipe(), ToPipe(), ToPipe()), Streams3(Handle(file.get()), Handle(file.get()), ToPipe())}) {
    const Streams streams = Connect(stdio);
    for (const UniqueFd& end : streams.child_ends) EXPECT_NE(fcntl(end.get(), F_GETFD) & FD_CLOEXEC, 0);
    for (const Pump& pump : streams.outputs) EXPECT_NE(fcntl(pump.poll_fd(), F_GETFD) & FD_CLOEXEC, 0);
    if (streams.api_input.valid()) {
      EXPECT_NE(fcntl(streams.api_input.get(), F_GETFD) & FD_CLOEXEC, 0);
    }
  }
}

// ---- Output.

TEST_F(StdioTest, OutputReachesTheSinkOfItsStream) {
  Streams streams = Connect(Streams3(Null(), ToPipe(), ToPipe()));
  ASSERT_EQ(streams.outputs.size(), 2u);
  ASSERT_EQ(write(streams.child[1], "out", 3), 3);
  ASSERT_EQ(write(streams.child[2], "err", 3), 3);
  streams.child_ends.clear();
  OutputSink sink;
  for (Pump& pump : streams.outputs) {
    EXPECT_EQ(pump.Step(sink), 3u);
    EXPECT_FALSE(pump.done());
    EXPECT_EQ(pump.Step(sink), 0u);
    EXPECT_TRUE(pump.done());
  }
  EXPECT_EQ(sink.out, "out");
  EXPECT_EQ(sink.err, "err");
}

TEST_F(StdioTest, AnEmptySourceIsNotTheEnd) {
  Streams streams = Connect(Streams3(Null(), ToPipe(), Null()));
  OutputSink sink;
  EXPECT_EQ(streams.outputs[0].Step(sink), 0u);
  EXPECT_FALSE(streams.outputs[0].done());
}

TEST_F(StdioTest, NoMoreIsRelayedThanThereIsRoomFor) {
  for (const size_t room : {size_t{0}, size_t{1}, size_t{4}, size_t{5}, size_t{6}}) {
    Streams streams = Connect(Streams3(Null(), ToPipe(), Null()));
    ASSERT_EQ(write(streams.child[1], "12345", 5), 5);
    OutputSink sink;
    const size_t got = streams.outputs[0].Step(sink, room);
    EXPECT_EQ(sink.out, std::string("12345").substr(0, room)) << room;
    EXPECT_EQ(got > room, room < 5) << room;
  }
}

TEST_F(StdioTest, ASlowReaderIsGivenEverythingInOrder) {
  const Pipe slow(O_CLOEXEC | O_NONBLOCK);
  Streams streams = Connect(Streams3(Null(), Handle(slow.write_end.get()), Null()), /*count_output=*/true);
  std::string sent, received;
  for (int i = 0; sent.size() < 60000; ++i) sent += std::to_string(i) + ",";
  ASSERT_EQ(write(streams.child[1], sent.data(), sent.size()), static_cast<ssize_t>(sent.size()));
  streams.child_ends.clear();
  OutputSink unused;
  Pump& pump = streams.outputs[0];
  char buffer[1000];
  while (!pump.done() || received.size() < sent.size()) {
    if (!pump.done()) pump.Step(unused);
    const ssize_t n = read(slow.read_end.get(), buffer, sizeof(buffer));
    if (n > 0) received.append(buffer, static_cast<size_t>(n));
  }
  EXPECT_EQ(received, sent);
}

TEST_F(StdioTest, WhatWasReadIsDeliveredAfterReadingStops) {
  const Pipe target;
  Streams streams = Connect(Streams3(Null(), Handle(target.write_end.get()), Null()), /*count_output=*/true);
  ASSERT_EQ(write(streams.child[1], "12345", 5), 5);
  OutputSink unused;
  Pump& pump = streams.outputs[0];
  EXPECT_EQ(pump.Step(unused), 5u);
  pump.StopReading();
  EXPECT_FALSE(pump.done());
  pump.Step(unused);
  EXPECT_TRUE(pump.done());
  char buffer[8];
  EXPECT_EQ(read(target.read_end.get(), buffer, sizeof(buffer)), 5);
}

TEST_F(StdioTest, AReaderThatIsGoneBreaksTheCommandsPipe) {
  Pipe gone;
  Streams streams = Connect(Streams3(Null(), Handle(gone.write_end.get()), Null()), /*count_output=*/true);
  gone.read_end.reset();
  ASSERT_EQ(write(streams.child[1], "x", 1), 1);
  OutputSink unused;
  Pump& pump = streams.outputs[0];
  while (!pump.done()) pump.Step(unused);
  EXPECT_LT(write(streams.child[1], "x", 1), 0);
  EXPECT_EQ(errno, EPIPE);
}

TEST_F(StdioTest, AFileGetsItsBytesAtTheCallersOffset) {
  const UniqueFd file = Open(tree_.File("log", "before\n"), O_WRONLY | O_APPEND);
  Streams streams = Connect(Streams3(Null(), Handle(file.get()), Null()));
  ASSERT_EQ(write(streams.child[1], "after\n", 6), 6);
  OutputSink unused;
  streams.outputs[0].Step(unused);
  char content[32] = {};
  const UniqueFd reader = Open(tree_.Path("log"), O_RDONLY);
  ASSERT_EQ(read(reader.get(), content, sizeof(content)), 13);
  EXPECT_STREQ(content, "before\nafter\n");
}

// ---- Input.

TEST_F(StdioTest, AFilesOffsetGoesBackToWhatWasConsumed) {
  const UniqueFd file = Open(tree_.File("list", "one\ntwo\nthree\n"), O_RDONLY);
  Streams streams = Connect(Streams3(Handle(file.get()), Null(), Null()));
  ASSERT_TRUE(streams.input.has_value());
  streams.input->Step();
  char line[4];
  ASSERT_EQ(read(streams.child[0], line, 4), 4);
  EXPECT_EQ(lseek(file.get(), 0, SEEK_CUR), 14) << "all was read ahead";
  streams.input->GiveBack();
  EXPECT_EQ(lseek(file.get(), 0, SEEK_CUR), 4);
}

TEST_F(StdioTest, InputEndsWithItsSource) {
  const UniqueFd file = Open(tree_.File("list", "one\n"), O_RDONLY);
  Streams streams = Connect(Streams3(Handle(file.get()), Null(), Null()));
  streams.input->Step();
  EXPECT_FALSE(streams.input->done());
  streams.input->Step();
  EXPECT_TRUE(streams.input->done());
  char buffer[8];
  EXPECT_EQ(read(streams.child[0], buffer, sizeof(buffer)), 4);
  streams.input->GiveBack();
  EXPECT_EQ(lseek(file.get(), 0, SEEK_CUR), 4) << "consumed to its end";
}

TEST_F(StdioTest, MoreThanAPipeHoldsWaitsForTheCommand) {
  std::string content(300'000, 'x');
  const UniqueFd file = Open(tree_.File("big", content), O_RDONLY);
  Streams streams = Connect(Streams3(Handle(file.get()), Null(), Null()));
  for (int i = 0; i < 100; ++i) streams.input->Step();
  EXPECT_FALSE(streams.input->done());
  EXPECT_EQ(streams.input->poll_events(), POLLOUT);
  streams.input->GiveBack();
  EXPECT_EQ(lseek(file.get(), 0, SEEK_CUR), 0) << "nothing was consumed";
}

TEST_F(StdioTest, ThePipeOfTheApiIsTheWriteEnd) {
  Streams streams = Connect(Streams3(ToPipe(), Null(), Null()));
  ASSERT_EQ(write(streams.api_input.get(), "hello", 5), 5);
  EndApiInput(&streams);
  EXPECT_FALSE(streams.api_input.valid());
  char buffer[8];
  EXPECT_EQ(read(streams.child[0], buffer, sizeof(buffer)), 5);
  EXPECT_EQ(read(streams.child[0], buffer, sizeof(buffer)), 0);
}

}  // namespace
}  // namespace paddock
