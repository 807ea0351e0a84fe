#include "service/posix/runner_channel.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "core/base/status_macros.h"

namespace paddock::service {
namespace {

bool WouldWait() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

absl::StatusOr<std::unique_ptr<RunnerChannel>> RunnerChannel::Create(EventLoop* loop, UniqueFd socket,
                                                                     Listener listener) {
  auto channel = std::unique_ptr<RunnerChannel>(new RunnerChannel(loop, std::move(socket), std::move(listener)));
  RETURN_IF_ERROR(channel->StartWatching());
  return channel;
}

RunnerChannel::~RunnerChannel() { StopWatching(); }

absl::Status RunnerChannel::StartWatching() {
  RETURN_IF_ERROR(loop_->Watch(socket_.get(), EPOLLIN, [this](uint32_t events) { OnEvents(events); }));
  watched_ = true;
  watched_for_ = EPOLLIN;
  return absl::OkStatus();
}

void RunnerChannel::StopWatching() {
  if (std::exchange(watched_, false)) loop_->Forget(socket_.get());
}

void RunnerChannel::Send(wsl2::FrameType type, absl::string_view payload) {
  const auto frame = wsl2::EncodeFrame(type, payload);
  if (!frame.ok() || hung_up_ || ended_) return;
  const bool idle = unsent_.empty();
  unsent_ += *frame;
  if (!idle) return;
  Write();
  Rearm();
}

void RunnerChannel::SetReading(bool reading) {
  if (std::exchange(reading_, reading) != reading) Rearm();
}

void RunnerChannel::HangUp() {
  if (ended_ || std::exchange(hung_up_, true)) return;
  unsent_.clear();
  shutdown(socket_.get(), SHUT_WR);
  reading_ = true;  // what still comes makes room for the end
  Rearm();
}

void RunnerChannel::Rearm() {
  if (ended_) return;
  if (!watched_ && (!reading_ || !StartWatching().ok())) return;
  const uint32_t wanted = (reading_ ? uint32_t{EPOLLIN} : 0u) | (unsent_.empty() ? 0u : uint32_t{EPOLLOUT});
  if (std::exchange(watched_for_, wanted) != wanted) loop_->Change(socket_.get(), wanted);
}

void RunnerChannel::OnEvents(uint32_t events) {
  if ((events & EPOLLOUT) != 0 && !unsent_.empty()) {
    Write();
    Rearm();
    if (unsent_.empty() && listener_.on_sent) listener_.on_sent();
  }
  // A runner that has gone is read to its end first, unless nobody takes what it said: then that waits.
  if (reading_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) return Read();
  // Level-triggered: without reading, a hang-up would be reported for ever.
  if (!reading_ && (events & (EPOLLHUP | EPOLLERR)) != 0) StopWatching();
}

void RunnerChannel::Read() {
  std::array<char, 64u << 10> block;
  const ssize_t n = recv(socket_.get(), block.data(), block.size(), 0);
  if (n < 0 && WouldWait()) return;
  if (n <= 0) return End();
  absl::string_view bytes(block.data(), static_cast<size_t>(n));
  for (;;) {
    const absl::StatusOr<std::optional<wsl2::Frame>> frame = reader_.Next(&bytes);
    if (!frame.ok()) return End();
    if (!frame->has_value()) return;
    listener_.on_frame(**frame);
  }
}

void RunnerChannel::Write() {
  const ssize_t n = send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n >= 0) {
    unsent_.erase(0, static_cast<size_t>(n));
  } else if (!WouldWait()) {
    unsent_.clear();  // it has gone; reading says so
  }
}

void RunnerChannel::End() {
  if (std::exchange(ended_, true)) return;
  StopWatching();
  const auto on_end = listener_.on_end;  // which may destroy this
  on_end();
}

}  // namespace paddock::service
