#ifndef PADDOCK_CORE_PLATFORM_TERMINAL_H_
#define PADDOCK_CORE_PLATFORM_TERMINAL_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

namespace paddock {

bool IsTerminal(int descriptor);

struct WindowSize {
  uint16_t columns = 80, rows = 24;
};
// 80 by 24 where the terminal does not say or `descriptor` is none.
WindowSize TerminalSize(int descriptor);

// Puts the user's terminal into raw mode while a sandbox has a terminal of its own, so that every key reaches it; the
// destructor brings the former mode back. A process that is killed outright cannot do that: whoever guards against it
// needs saved(), to be applied to the same terminal.
class RawTerminal {
 public:
  static absl::StatusOr<RawTerminal> Enter(int descriptor);

  RawTerminal(RawTerminal&&) noexcept;
  RawTerminal& operator=(RawTerminal&&) noexcept;
  ~RawTerminal();

  // Idempotent.
  void Restore();

  // On POSIX a `const struct termios*`, the mode before Enter(); lives as long as this.
  const void* saved() const;

 private:
  struct State;
  explicit RawTerminal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_TERMINAL_H_
