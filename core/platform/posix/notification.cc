#include "core/platform/notification.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {

struct Notification::State {
  UniqueFd event;
};

Notification::Notification(std::unique_ptr<State> state) : state_(std::move(state)) {}
Notification::Notification(Notification&&) noexcept = default;
Notification::~Notification() = default;

absl::StatusOr<Notification> Notification::Create() {
  UniqueFd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) return absl::ResourceExhaustedError(absl::StrCat("eventfd: ", strerror(errno)));
  return Notification(std::make_unique<State>(State{std::move(event)}));
}

void Notification::Notify() { eventfd_write(state_->event.get(), 1); }

intptr_t Notification::handle() const { return state_->event.get(); }

}  // namespace paddock
