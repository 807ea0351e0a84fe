#include "service/posix/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

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

}  // namespace
}  // namespace paddock::service
