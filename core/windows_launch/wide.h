#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_WIDE_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_WIDE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace paddock {

// WTF-8 as Windows takes it, half surrogate pairs included. InvalidArgument for what is not WTF-8 or holds a NUL.
absl::StatusOr<std::wstring> WideText(absl::string_view text);

// An absolute path for calls of Win32, of any length. InvalidArgument if it is none.
absl::StatusOr<std::wstring> WidePath(absl::string_view path);

// NAME=VALUE each, as CreateProcess takes it with CREATE_UNICODE_ENVIRONMENT: sorted by name without regard to case, by
// code unit (Microsoft Learn, "Changing Environment Variables"), two NULs at the end.
absl::StatusOr<std::wstring> EnvironmentBlock(const std::vector<std::string>& environment);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_WIDE_H_
