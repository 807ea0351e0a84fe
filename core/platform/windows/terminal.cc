#include "core/platform/terminal.h"

#include <io.h>

#include <utility>

#include "absl/status/status.h"
#include "core/platform/windows/console_input.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

HANDLE HandleOf(int descriptor) {
  // The C runtime gives -2 for a standard stream that is not there.
  const intptr_t handle = _get_osfhandle(descriptor);
  return handle < 0 ? INVALID_HANDLE_VALUE : reinterpret_cast<HANDLE>(handle);
}

}  // namespace

struct RawTerminal::State {
  HANDLE console = INVALID_HANDLE_VALUE;  // the process's, not ours to close
  DWORD before = 0;
  bool raw = false;
};

bool IsTerminal(int descriptor) { return IsConsole(HandleOf(descriptor)); }

WindowSize TerminalSize(int descriptor) { return ConsoleWindowSize(HandleOf(descriptor)).value_or(WindowSize{}); }

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
  state->console = HandleOf(descriptor);
  if (!GetConsoleMode(state->console, &state->before)) {
    return Win32Status(GetLastError(), "reading the console's mode");
  }
  // Microsoft Learn, "SetConsoleMode": without line input every key arrives as it is typed, with virtual terminal input
  // those without a character as the sequences that programs of a terminal expect; with window input so do changes of
  // its size, as events.
  const DWORD cooked = ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_PROCESSED_INPUT;
  if (!SetConsoleMode(state->console,
                      (state->before & ~cooked) | ENABLE_VIRTUAL_TERMINAL_INPUT | ENABLE_WINDOW_INPUT)) {
    return Win32Status(GetLastError(), "setting the console to raw mode");
  }
  state->raw = true;
  return RawTerminal(std::move(state));
}

void RawTerminal::Restore() {
  if (state_ == nullptr || !state_->raw) return;
  SetConsoleMode(state_->console, state_->before);
  state_->raw = false;
}

const void* RawTerminal::saved() const { return state_ == nullptr ? nullptr : &state_->before; }

}  // namespace paddock
