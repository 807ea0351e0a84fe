#include "core/platform/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "absl/status/status.h"

namespace paddock {
namespace {

// A background process that changes a terminal's mode is stopped by SIGTTOU; while we restore it we must not be, or the
// terminal stays raw. POSIX (tcsetattr): with the signal blocked the change is made.
void SetAttributes(int descriptor, const termios& mode) {
  sigset_t stop, before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTTOU);
  sigprocmask(SIG_BLOCK, &stop, &before);
  while (tcsetattr(descriptor, TCSANOW, &mode) != 0 && errno == EINTR) {
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

struct RawTerminal::State {
  int descriptor = -1;
  termios before = {};
  bool raw = false;
};

bool IsTerminal(int descriptor) { return isatty(descriptor) == 1; }

WindowSize TerminalSize(int descriptor) {
  winsize size = {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

RawTerminal::RawTerminal(std::unique_ptr<State> state) : state_(std::move(state)) {}
RawTerminal::RawTerminal(RawTerminal&&) noexcept = default;
RawTerminal& RawTerminal::operator=(RawTerminal&& other) noexcept {
  Restore();
  state_ = std::move(other.state_);
  return *this;
}
RawTerminal::~RawTerminal() { Restore(); }

absl::StatusOr<RawTerminal> RawTerminal::Enter(int descriptor) {
  auto state = std::make_unique<State>();
  state->descriptor = descriptor;
  if (tcgetattr(descriptor, &state->before) != 0) return absl::ErrnoToStatus(errno, "reading the terminal's mode");
  termios raw = state->before;
  cfmakeraw(&raw);
  if (tcsetattr(descriptor, TCSANOW, &raw) != 0) return absl::ErrnoToStatus(errno, "setting the terminal to raw mode");
  state->raw = true;
  return RawTerminal(std::move(state));
}

void RawTerminal::Restore() {
  if (state_ == nullptr || !state_->raw) return;
  SetAttributes(state_->descriptor, state_->before);
  state_->raw = false;
}

const void* RawTerminal::saved() const { return state_ == nullptr ? nullptr : &state_->before; }

}  // namespace paddock
