#ifndef PADDOCK_BACKENDS_WSL2_LAUNCH_STREAMS_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCH_STREAMS_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/backend/launcher.h"
#include "core/platform/windows/unique_handle.h"

// The caller's standard streams. Between them and the command there are frames, whatever they are; so they are read and
// written here, and none is handed over.

namespace paddock::wsl2 {

// The handle of an inherited or handed-in stream; INVALID_HANDLE_VALUE for the other kinds, and where there is none.
HANDLE SourceOf(const StreamSpec& spec, DWORD own);

// FailedPrecondition with `stdio_is_directory` for what is one.
absl::Status CheckStream(HANDLE stream);

// What the pump tells.
struct InputEvents {
  std::function<absl::Status(absl::string_view bytes)> bytes;  // blocks as long as the command does not read
  std::function<void()> end;
  std::function<void()> resized;  // of a console
};

// Reads the caller's input on a thread of its own, until its end or until this is destroyed. A console is one for a
// terminal (`tty`: what is typed, and changes of the window's size), or gives lines that it has edited. A read that
// cannot be interrupted is left behind with its thread; nothing of `events` is called any more after the destructor.
class InputPump {
 public:
  InputPump(HANDLE from, bool tty, InputEvents events);
  InputPump(const InputPump&) = delete;
  InputPump& operator=(const InputPump&) = delete;
  ~InputPump();

 private:
  struct State;
  std::shared_ptr<State> state_;
  UniqueHandle thread_;
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCH_STREAMS_H_
