#include "core/platform/signal_relay.h"

#include <atomic>
#include <utility>

#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

// Windows calls a handler of console events without saying for whom, on a thread of its own: what it sets cannot be
// handed to it.
std::atomic<HANDLE> interrupt{nullptr};

// A command has a console of its own, so that Ctrl+C and Ctrl+Break reach this process alone, which has to live on to
// end the command and to report how it ended. Closing the console and logging off keep their default.
BOOL WINAPI OnConsoleEvent(DWORD event) {
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) return FALSE;
  if (const HANDLE set = interrupt; set != nullptr) SetEvent(set);
  return TRUE;
}

}  // namespace

struct SignalRelay::State {
  UniqueHandle event;
};

SignalRelay::SignalRelay(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignalRelay::SignalRelay(SignalRelay&&) noexcept = default;

absl::StatusOr<SignalRelay> SignalRelay::Start() {
  auto state = std::make_unique<State>();
  state->event.reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!state->event.valid()) return Win32Status(GetLastError(), "CreateEvent for Ctrl+C");
  interrupt = state->event.get();
  if (!SetConsoleCtrlHandler(OnConsoleEvent, TRUE)) {
    interrupt = nullptr;
    return Win32Status(GetLastError(), "SetConsoleCtrlHandler");
  }
  return SignalRelay(std::move(state));
}

SignalRelay::~SignalRelay() {
  if (state_ == nullptr) return;
  SetConsoleCtrlHandler(OnConsoleEvent, FALSE);
  interrupt = nullptr;
}

intptr_t SignalRelay::handle() const { return reinterpret_cast<intptr_t>(state_->event.get()); }

}  // namespace paddock
