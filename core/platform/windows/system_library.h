#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_SYSTEM_LIBRARY_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_SYSTEM_LIBRARY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// A DLL of the system's, loaded when it is needed: one that is missing would else keep the whole program from starting.
// Searched for in System32 alone; neither beside the program nor in the current directory nor on PATH, where a
// workspace could have put its own. Unloaded when destroyed.
class SystemLibrary {
 public:
  // `name` is a bare file name: "cldapi.dll". NotFound: this Windows has none.
  static absl::StatusOr<SystemLibrary> Load(absl::string_view name);

  // The function `name`, nullptr if the DLL has none. `Function` is a pointer type with its calling convention.
  template <typename Function>
  Function Find(const char* name) const {
    return reinterpret_cast<Function>(reinterpret_cast<void*>(GetProcAddress(library_.get(), name)));
  }

 private:
  struct Traits {
    using Handle = HMODULE;
    static Handle None() { return nullptr; }
    static void Close(Handle handle) { FreeLibrary(handle); }
  };
  explicit SystemLibrary(HMODULE library) : library_(library) {}

  BasicUniqueHandle<Traits> library_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_SYSTEM_LIBRARY_H_
