#include "backends/linux_landlock/launch_status.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "gtest/gtest.h"

namespace paddock {
namespace {

class StatusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    launcher_.reset(ends[0]);
    init_.reset(ends[1]);
  }

  bool Receive(int flags = MSG_DONTWAIT) {
    errno = 0;
    return ReceiveStatus(launcher_.get(), flags, &message_, &descriptor_);
  }

  static StatusMessage Failure(int error) {
    StatusMessage message = {};
    message.kind = MessageKind::kSetupFailed;
    message.error = error;
    return message;
  }

  UniqueFd launcher_, init_, descriptor_;
  StatusMessage message_ = {};
};

TEST_F(StatusTest, MessagesComeInOrder) {
  ASSERT_TRUE(SendStatus(init_.get(), Failure(1)));
  ASSERT_TRUE(SendStatus(init_.get(), Failure(2)));
  ASSERT_TRUE(Receive());
  EXPECT_EQ(message_.error, 1);
  ASSERT_TRUE(Receive());
  EXPECT_EQ(message_.error, 2);
  EXPECT_FALSE(descriptor_.valid());
}

TEST_F(StatusTest, NothingYetIsNotTheEnd) {
  EXPECT_FALSE(Receive());
  EXPECT_EQ(errno, EAGAIN);
  init_.reset();
  EXPECT_FALSE(Receive());
  EXPECT_EQ(errno, EPIPE);
}

// Pid 1 may fail before it has read what the launcher sent; the kernel then reports a reset connection first.
TEST_F(StatusTest, AFailureIsHeardThoughTheOtherEndClosedWithSomethingUnread) {
  ASSERT_TRUE(SendStatus(init_.get(), Failure(ESTALE)));
  ASSERT_EQ(send(launcher_.get(), "p", 1, MSG_NOSIGNAL), 1);
  init_.reset();
  ASSERT_TRUE(Receive(0)) << errno;
  EXPECT_EQ(message_.error, ESTALE);
  EXPECT_FALSE(Receive(0));
  EXPECT_EQ(errno, EPIPE);
}

TEST_F(StatusTest, ADescriptorComesAlongAndIsClosedOnExec) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, 0), 0);
  UniqueFd reader(ends[0]), writer(ends[1]);
  StatusMessage message = {};
  message.kind = MessageKind::kTerminal;
  ASSERT_TRUE(SendStatus(init_.get(), message, writer.get()));
  ASSERT_TRUE(Receive());
  EXPECT_EQ(message_.kind, MessageKind::kTerminal);
  ASSERT_TRUE(descriptor_.valid());
  EXPECT_EQ(fcntl(descriptor_.get(), F_GETFD), FD_CLOEXEC);
  ASSERT_EQ(write(descriptor_.get(), "x", 1), 1);
  char got = 0;
  ASSERT_EQ(read(reader.get(), &got, 1), 1);
  EXPECT_EQ(got, 'x');
}

TEST_F(StatusTest, SendingToAnEndThatIsGoneIsAnErrorAndNoSignal) {
  launcher_.reset();
  EXPECT_FALSE(SendStatus(init_.get(), Failure(1)));
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace paddock
