#include "service/dispatcher.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "backends/wsl2/frame.h"
#include "service/start.h"

namespace paddock::service {
namespace {

// A dispatcher whose runners end at once with 0, and whose log is heard on the loop.
class DispatcherTest : public testing::Test {
 protected:
  void SetUp() override {
    auto loop = EventLoop::Create();
    ASSERT_TRUE(loop.ok()) << loop.status();
    loop_ = *std::move(loop);
    ASSERT_EQ(pipe(log_), 0);
  }
  void TearDown() override {
    close(log_[0]);
    close(log_[1]);
  }

  static absl::StatusOr<UniqueFd> EndedRunner() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
      return absl::InternalError("socketpair");
    UniqueFd ours(ends[0]), runners(ends[1]);
    const std::string last =
        *wsl2::EncodeFrame(wsl2::FrameType::kExited, EncodeEnding({absl::OkStatus(), 0, "exited", "{}", {}, false}));
    if (write(runners.get(), last.data(), last.size()) < 0) return absl::InternalError("write");
    return ours;
  }

  // Runs the loop until the log has said `event`.
  void RunUntil(const std::string& event) {
    std::string said;
    ASSERT_TRUE(loop_
                    ->Watch(log_[0], EPOLLIN,
                            [&](uint32_t) {
                              char block[4096];
                              const ssize_t n = read(log_[0], block, sizeof(block));
                              said.append(block, n > 0 ? static_cast<size_t>(n) : 0);
                              if (said.find(event) != std::string::npos) loop_->Stop();
                            })
                    .ok());
    loop_->Run();
  }

  std::unique_ptr<EventLoop> loop_;
  int log_[2] = {-1, -1};
};

// Nothing else happens meanwhile: the dispatcher has to wake by itself.
TEST_F(DispatcherTest, AKeptRunIsForgottenWhenItsTimeIsOver) {
  Log log(log_[1]);
  DispatcherOptions options;
  options.kept_for = std::chrono::milliseconds(20);
  Dispatcher dispatcher(loop_.get(), options, EndedRunner, &log);
  v1::Start start;
  start.set_keep(true);
  start.mutable_order()->add_command("true");
  const auto run = dispatcher.StartRun(start);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_TRUE(dispatcher.Find((*run)->id()).ok());
  RunUntil("run_forgotten");
  EXPECT_TRUE((*run)->ended());
  EXPECT_FALSE(dispatcher.Find((*run)->id()).ok());
}

}  // namespace
}  // namespace paddock::service
