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

// Where a stream's bytes go: a file or pipe as they are, a console as the text that they are in UTF-8. Written by a
// thread of its own, so that a reader that stops holds the command up, and nothing else.
class OutputCopy {
 public:
  // FailedPrecondition with `stdio_is_directory` for what is one.
  static absl::Status Check(HANDLE to);
  explicit OutputCopy(HANDLE to);
  OutputCopy(const OutputCopy&) = delete;
  OutputCopy& operator=(const OutputCopy&) = delete;
  ~OutputCopy();

  bool valid() const;
  // Blocks while much waits for the reader; what nobody reads any more is dropped.
  void Write(absl::string_view bytes);
  // Until all is written or given up.
  void Flush();
  // What waits is dropped, and so is what is written from now on. Thread-safe.
  void GiveUp();

 private:
  struct State;
  std::shared_ptr<State> state_;
  UniqueHandle thread_;
};

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
