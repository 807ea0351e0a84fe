#include "core/platform/windows/system_library.h"

#include "absl/strings/str_cat.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {

absl::StatusOr<SystemLibrary> SystemLibrary::Load(absl::string_view name) {
  // The flag does not bind a name with a folder in it.
  if (name.find_first_of("/\\:") != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": a DLL of the system's is named without a folder"));
  }
  HMODULE library = LoadLibraryExW(ToWide(name).c_str(), nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (library == nullptr) return Win32Status(GetLastError(), absl::StrCat("loading ", name));
  return SystemLibrary(library);
}

}  // namespace paddock
