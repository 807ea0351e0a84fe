#include "core/platform/notification.h"

#include <utility>

#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {

struct Notification::State {
  UniqueHandle event;
};

Notification::Notification(std::unique_ptr<State> state) : state_(std::move(state)) {}
Notification::Notification(Notification&&) noexcept = default;
Notification::~Notification() = default;

absl::StatusOr<Notification> Notification::Create() {
  UniqueHandle event(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!event.valid()) return Win32Status(GetLastError(), "CreateEvent");
  return Notification(std::make_unique<State>(State{std::move(event)}));
}

void Notification::Notify() { SetEvent(state_->event.get()); }

intptr_t Notification::handle() const { return reinterpret_cast<intptr_t>(state_->event.get()); }

}  // namespace paddock
