#include "service/posix/input_pump.h"

#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "core/base/status_macros.h"
#include "core/platform/background_thread.h"

namespace paddock::service {
namespace {

constexpr size_t kBlock = 32u << 10;

// Whether there may be more.
bool CarryInput(int in, const InputPump::Hooks& hooks) {
  std::array<char, kBlock> block;
  const ssize_t n = read(in, block.data(), block.size());
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (n <= 0) {
    hooks.on_end();
    return false;
  }
  return hooks.on_input(absl::string_view(block.data(), static_cast<size_t>(n)));
}

void CarrySignal(int signals, const InputPump::Hooks& hooks) {
  signalfd_siginfo info;
  if (read(signals, &info, sizeof(info)) == sizeof(info)) hooks.on_signal(static_cast<int>(info.ssi_signo));
}

void Carry(int in, int signals, int stop, const InputPump::Hooks& hooks) {
  std::array<pollfd, 3> events = {{{stop, POLLIN, 0}, {signals, POLLIN, 0}, {in, POLLIN, 0}}};
  for (;;) {
    if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return;
    if (events[0].revents != 0) return;
    if (events[1].revents != 0) CarrySignal(signals, hooks);
    if (events[2].revents != 0 && !CarryInput(in, hooks)) events[2].fd = -1;
  }
}

}  // namespace

absl::StatusOr<InputPump> InputPump::Start(int in, int signals, Hooks hooks) {
  ASSIGN_OR_RETURN(Notification stop, Notification::Create());
  const auto handle = static_cast<int>(stop.handle());
  ASSIGN_OR_RETURN(std::thread thread,
                   StartBackgroundThread([=, kept = std::move(hooks)] { Carry(in, signals, handle, kept); }));
  return InputPump(std::move(stop), std::move(thread));
}

InputPump::~InputPump() {
  if (!thread_.joinable()) return;
  stop_.Notify();
  thread_.join();
}

}  // namespace paddock::service
