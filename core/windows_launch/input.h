#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_INPUT_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_INPUT_H_

#include <functional>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// The writing end of the command's input. Thread-safe.
class InputPipe {
 public:
  explicit InputPipe(UniqueFileHandle pipe);

  // Blocks until the command has taken all or nobody can any more. FailedPrecondition if there is no pipe, or none any
  // more.
  absl::Status Write(absl::string_view bytes);
  absl::Status Close();

  // Ends a Write that blocks, now and from now on.
  void Abandon();

 private:
  std::mutex mutex_;  // held by who writes
  UniqueFileHandle pipe_;
  UniqueHandle written_, abandoned_;  // events
};

// Copies a handle of the caller's (its console, say) into `input` until its end or until this is destroyed. A read that
// cannot be interrupted is left behind with its thread: the caller's next input then goes to it. With `resized` a
// console is read as a terminal, and changes of its window's size are told; never after the destructor.
class InputCopy {
 public:
  InputCopy(HANDLE from, std::shared_ptr<InputPipe> input, std::function<void()> resized);
  InputCopy(const InputCopy&) = delete;
  InputCopy& operator=(const InputCopy&) = delete;
  ~InputCopy();

 private:
  struct State;
  std::shared_ptr<State> state_;
  UniqueHandle thread_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_INPUT_H_
