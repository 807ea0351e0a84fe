#ifndef PADDOCK_SERVICE_POSIX_INPUT_PUMP_H_
#define PADDOCK_SERVICE_POSIX_INPUT_PUMP_H_

#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/notification.h"

namespace paddock::service {

// Carries what a user gives a run, standard input and signals, to somewhere else, on a thread of its own.
class InputPump {
 public:
  struct Hooks {
    std::function<bool(absl::string_view bytes)> on_input;  // false: no more is wanted
    std::function<void()> on_end;                           // of the input
    std::function<void(int signal)> on_signal;
  };
  // `in`: a descriptor to read, -1: none. `signals`: a signalfd, -1: none. Both stay the caller's.
  static absl::StatusOr<InputPump> Start(int in, int signals, Hooks hooks);
  InputPump(InputPump&&) = default;
  // Nothing is carried any more.
  ~InputPump();

 private:
  InputPump(Notification stop, std::thread thread) : stop_(std::move(stop)), thread_(std::move(thread)) {}
  Notification stop_;
  std::thread thread_;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_INPUT_PUMP_H_
