#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_OVERLAPPED_PIPE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_OVERLAPPED_PIPE_H_

#include "absl/status/statusor.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

inline constexpr DWORD kPipeBytes = 65536;  // what a pipe holds while nobody reads

struct OverlappedPipe {
  UniqueFileHandle parent;  // overlapped
  UniqueFileHandle child;   // inheritable
};

// A pipe to or from a program to be started. `stream` is for messages: "a standard stream". Unavailable
// (`setup_failed`) if the system makes none.
absl::StatusOr<OverlappedPipe> MakeOverlappedPipe(bool to_child, absl::string_view stream);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_OVERLAPPED_PIPE_H_
