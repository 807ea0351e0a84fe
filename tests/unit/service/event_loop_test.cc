#include "service/posix/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "service/posix/log.h"

namespace paddock::service {
namespace {

TEST(EventLoopTest, TasksOfEachThreadRunInTheirOrder) {
  constexpr int kThreads = 4, kTasks = 5000;
  auto loop = EventLoop::Create();
  ASSERT_TRUE(loop.ok()) << loop.status();
  std::vector<int> next(kThreads, 0);  // the loop's thread alone touches it
  int left = kThreads * kTasks, out_of_order = 0;
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kTasks; ++i) {
        (*loop)->Post([&, thread, i] {
          if (next[thread]++ != i) ++out_of_order;
          if (--left == 0) (*loop)->Stop();
        });
      }
    });
  }
  (*loop)->Run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(left, 0);
  EXPECT_EQ(out_of_order, 0);
}

TEST(EventLoopTest, AHandlerMayForgetAnother) {
  auto loop = EventLoop::Create();
  ASSERT_TRUE(loop.ok());
  int pairs[2][2], calls = 0;
  for (auto& pair : pairs) ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  for (int i = 0; i < 2; ++i) {
    const int own = pairs[i][0], other = pairs[1 - i][0];
    ASSERT_EQ(write(pairs[i][1], "x", 1), 1);
    const absl::Status watched = (*loop)->Watch(own, EPOLLIN, [&, own, other](uint32_t) {
      ++calls;
      (*loop)->Forget(own);
      (*loop)->Forget(other);
      (*loop)->Post([&] { (*loop)->Stop(); });
    });
    ASSERT_TRUE(watched.ok());
  }
  (*loop)->Run();
  EXPECT_EQ(calls, 1);
  for (auto& pair : pairs) {
    close(pair[0]);
    close(pair[1]);
  }
}

TEST(EventLoopTest, WhatIsPostedRunsBeforePostReturnsIfTheLoopIsIdle) {
  auto loop = EventLoop::Create();
  ASSERT_TRUE(loop.ok());
  bool ran = false;
  (*loop)->Post([&] { ran = true; });
  EXPECT_FALSE(ran);  // before Run(), the loop is whoever's made it
  std::thread running([&] { (*loop)->Run(); });
  // Each waits for the one before it: a task that another thread has to run comes later, and then the loop is idle.
  std::promise<void> went;
  (*loop)->Post([&] { went.set_value(); });
  went.get_future().wait();
  std::thread::id where;
  while (where != std::this_thread::get_id()) (*loop)->Post([&] { where = std::this_thread::get_id(); });
  EXPECT_TRUE(ran);
  (*loop)->Post([&] { (*loop)->Stop(); });
  running.join();
}

TEST(EventLoopTest, AlarmsRunInTheOrderOfTheirTimes) {
  auto loop = EventLoop::Create();
  ASSERT_TRUE(loop.ok());
  std::vector<int> rang;
  const auto alarm = [&](int milliseconds) {
    return (*loop)->After(std::chrono::milliseconds(milliseconds),
                          [&rang, milliseconds] { rang.push_back(milliseconds); });
  };
  const EventLoop::Alarm cancelled = alarm(1);
  alarm(20);
  alarm(10);
  (*loop)->Cancel(cancelled);
  (*loop)->Cancel(cancelled);
  (*loop)->After(std::chrono::milliseconds(30), [&] { (*loop)->Stop(); });
  (*loop)->Run();
  EXPECT_EQ(rang, (std::vector<int>{10, 20}));
}

TEST(LogTest, APipeThatNobodyReadsDoesNotHoldTheDaemonBack) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  constexpr int kSmall = 4096;
  ASSERT_GE(fcntl(ends[1], F_SETPIPE_SZ, kSmall), kSmall);
  Log log(ends[1]);
  for (int i = 0; i < 1000; ++i) log.Write("event", {{"number", i}});
  close(ends[1]);
  std::string text(1 << 20, '\0');
  const ssize_t n = read(ends[0], text.data(), text.size());
  close(ends[0]);
  ASSERT_GT(n, 0);
  text.resize(static_cast<size_t>(n));
  EXPECT_NE(text.find("\"number\":0"), std::string::npos);
  EXPECT_EQ(text.find("\"number\":999"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');  // lines are whole
}

}  // namespace
}  // namespace paddock::service
