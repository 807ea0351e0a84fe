#include "core/platform/signal_relay.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include "absl/status/status.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

constexpr int kForwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};

}  // namespace

struct SignalRelay::State {
  sigset_t blocked, before;
  UniqueFd descriptor;
};

SignalRelay::SignalRelay(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignalRelay::SignalRelay(SignalRelay&&) noexcept = default;

absl::StatusOr<SignalRelay> SignalRelay::Start() {
  auto state = std::make_unique<State>();
  sigset_t forwarded;
  sigemptyset(&forwarded);
  for (const int signal : kForwarded) sigaddset(&forwarded, signal);
  state->descriptor.reset(signalfd(-1, &forwarded, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!state->descriptor.valid()) return absl::ErrnoToStatus(errno, "signalfd");
  state->blocked = forwarded;
  sigaddset(&state->blocked, SIGPIPE);
  if (sigprocmask(SIG_BLOCK, &state->blocked, &state->before) != 0) return absl::ErrnoToStatus(errno, "sigprocmask");
  return SignalRelay(std::move(state));
}

SignalRelay::~SignalRelay() {
  if (state_ == nullptr) return;
  // What is pending was meant for the command, which has ended; it must not end us in place of its exit status.
  const timespec now = {};
  while (sigtimedwait(&state_->blocked, nullptr, &now) > 0) {
  }
  sigprocmask(SIG_SETMASK, &state_->before, nullptr);
}

intptr_t SignalRelay::handle() const { return state_->descriptor.get(); }

}  // namespace paddock
