#ifndef PADDOCK_SERVICE_POSIX_RUNNER_CHANNEL_H_
#define PADDOCK_SERVICE_POSIX_RUNNER_CHANNEL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/wsl2/frame.h"
#include "core/platform/posix/unique_fd.h"
#include "service/posix/event_loop.h"

namespace paddock::service {

// The daemon's end of the socket to one runner. On the loop's thread.
class RunnerChannel {
 public:
  struct Listener {
    std::function<void(const wsl2::Frame&)> on_frame;
    // Once, and nothing after it: the runner has gone, or did not keep to the protocol.
    std::function<void()> on_end;
    // Everything that was to be sent has been.
    std::function<void()> on_sent;
  };

  // The listener may destroy the channel in on_end alone.
  static absl::StatusOr<std::unique_ptr<RunnerChannel>> Create(EventLoop* loop, UniqueFd socket, Listener listener);
  ~RunnerChannel();

  void Send(wsl2::FrameType type, absl::string_view payload);
  size_t unsent() const { return unsent_.size(); }

  // While it is not read, the runner's pipes fill, and hold the command back.
  void SetReading(bool reading);

  // The runner ends what it runs; then comes on_end.
  void HangUp();

 private:
  RunnerChannel(EventLoop* loop, UniqueFd socket, Listener listener)
      : loop_(loop), socket_(std::move(socket)), listener_(std::move(listener)) {}
  absl::Status StartWatching();
  void StopWatching();
  void OnEvents(uint32_t events);
  void Read();
  void Write();
  void Rearm();
  void End();

  EventLoop* const loop_;
  UniqueFd socket_;
  const Listener listener_;
  wsl2::FrameReader reader_{wsl2::Direction::kRelayToHost, /*begun=*/true};  // a runner has nothing to say of itself
  std::string unsent_;
  uint32_t watched_for_ = 0;
  bool watched_ = false, reading_ = true, hung_up_ = false, ended_ = false;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_RUNNER_CHANNEL_H_
