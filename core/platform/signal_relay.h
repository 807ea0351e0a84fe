#ifndef PADDOCK_CORE_PLATFORM_SIGNAL_RELAY_H_
#define PADDOCK_CORE_PLATFORM_SIGNAL_RELAY_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

namespace paddock {

// Takes the signals that a user or a supervisor sends to a command (INT, TERM, HUP, QUIT, USR1, USR2, WINCH, CONT) away
// from this process, to be forwarded to the sandboxed one. TSTP keeps its default: this process is stopped with the
// rest of the job, as a shell expects. PIPE is held back too, so that a closed stderr is an error of write(2). The
// former mask comes back when this is destroyed. Construct it before any thread is started.
class SignalRelay {
 public:
  static absl::StatusOr<SignalRelay> Start();

  SignalRelay(SignalRelay&&) noexcept;
  SignalRelay& operator=(SignalRelay&&) noexcept = delete;
  ~SignalRelay();

  // Stdio::signals. On Windows an event that Ctrl+C and Ctrl+Break set; one relay at a time there.
  intptr_t handle() const;

 private:
  struct State;
  explicit SignalRelay(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_SIGNAL_RELAY_H_
