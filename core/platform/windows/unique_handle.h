#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_UNIQUE_HANDLE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_UNIQUE_HANDLE_H_

#include <utility>

#include "core/platform/windows/windows_api.h"

namespace paddock {

// Owns one handle of the kind that `Traits` describes; closes it when destroyed. Move-only. Not thread-safe: one owner
// at a time. Traits: `Handle`, `kNone` (as a function: INVALID_HANDLE_VALUE is no constant expression) and `Close`.
template <typename Traits>
class BasicUniqueHandle {
 public:
  using Handle = typename Traits::Handle;

  BasicUniqueHandle() = default;
  explicit BasicUniqueHandle(Handle handle) : handle_(handle) {}
  BasicUniqueHandle(BasicUniqueHandle&& other) noexcept : handle_(other.release()) {}
  BasicUniqueHandle& operator=(BasicUniqueHandle&& other) noexcept {
    reset(other.release());
    return *this;
  }
  BasicUniqueHandle(const BasicUniqueHandle&) = delete;
  BasicUniqueHandle& operator=(const BasicUniqueHandle&) = delete;
  ~BasicUniqueHandle() { reset(); }

  Handle get() const { return handle_; }
  bool valid() const { return handle_ != Traits::None(); }

  // Gives ownership to the caller.
  [[nodiscard]] Handle release() { return std::exchange(handle_, Traits::None()); }

  // Owns `handle` from now on, then closes what was owned before. GetLastError() is kept, so that an error path may
  // close first and report after.
  void reset(Handle handle = Traits::None()) {
    const Handle before = std::exchange(handle_, handle);
    if (before == Traits::None()) return;
    const DWORD error = GetLastError();
    Traits::Close(before);
    SetLastError(error);
  }

 private:
  Handle handle_ = Traits::None();
};

// Two types, since two values mean "none": what opens files gives INVALID_HANDLE_VALUE, which is also the pseudo handle
// of the current process, and everything else gives null.
struct KernelHandleTraits {
  using Handle = HANDLE;
  static Handle None() { return nullptr; }
  static void Close(Handle handle) { CloseHandle(handle); }
};
struct FileHandleTraits {
  using Handle = HANDLE;
  static Handle None() { return INVALID_HANDLE_VALUE; }
  static void Close(Handle handle) { CloseHandle(handle); }
};
struct FindHandleTraits {
  using Handle = HANDLE;
  static Handle None() { return INVALID_HANDLE_VALUE; }
  static void Close(Handle handle) { FindClose(handle); }
};

using UniqueHandle = BasicUniqueHandle<KernelHandleTraits>;    // processes, threads, tokens, jobs, events
using UniqueFileHandle = BasicUniqueHandle<FileHandleTraits>;  // CreateFile, CreateNamedPipe
using UniqueFindHandle = BasicUniqueHandle<FindHandleTraits>;  // FindFirstFile

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_UNIQUE_HANDLE_H_
