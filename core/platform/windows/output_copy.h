#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_OUTPUT_COPY_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_OUTPUT_COPY_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "core/platform/windows/unique_handle.h"

// The caller's own output, for backends whose commands cannot be handed it.

namespace paddock {

// Where a stream's bytes go: a file or pipe as they are, a console as the text that they are in UTF-8. Written by a
// thread of its own, so that a reader that stops holds the command up, and nothing else.
class OutputCopy {
 public:
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

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_OUTPUT_COPY_H_
