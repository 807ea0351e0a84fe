#include "core/platform/signal_relay.h"

#include <utility>

#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

// The console sends Ctrl+C and Ctrl+Break to every process attached to it, so the command gets them by itself; this
// process has to live on to report how it ended. Closing the console and logging off keep their default.
BOOL WINAPI LeaveToTheCommand(DWORD event) { return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT; }

}  // namespace

struct SignalRelay::State {};

SignalRelay::SignalRelay(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignalRelay::SignalRelay(SignalRelay&&) noexcept = default;

absl::StatusOr<SignalRelay> SignalRelay::Start() {
  if (!SetConsoleCtrlHandler(LeaveToTheCommand, TRUE)) {
    return Win32Status(GetLastError(), "SetConsoleCtrlHandler");
  }
  return SignalRelay(std::make_unique<State>());
}

SignalRelay::~SignalRelay() {
  if (state_ != nullptr) SetConsoleCtrlHandler(LeaveToTheCommand, FALSE);
}

intptr_t SignalRelay::handle() const { return -1; }

}  // namespace paddock
