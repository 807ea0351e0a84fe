#ifndef PADDOCK_CORE_BASE_WINDOWS_PATH_H_
#define PADDOCK_CORE_BASE_WINDOWS_PATH_H_

#include <string>

#include "absl/strings/string_view.h"

// Windows paths as text, on any OS: plans for Windows are computed everywhere. Drive paths ("C:\a") and UNC paths
// ("\\server\share\a"); "/" separates as well and becomes "\". Device paths ("\\?\", "\\.\") and paths relative to a
// drive ("C:a") are not absolute here. Comparison ignores the case of ASCII letters alone: whoever decides about other
// letters asks the volume.

namespace paddock {

bool IsAbsoluteWindowsPath(absl::string_view path);

// Without ".", "..", doubled or trailing separators; the drive letter in upper case. Requires an absolute path.
std::string NormalizeWindowsPath(absl::string_view path);

// `path` seen from `base`, which is absolute.
std::string JoinWindowsPath(absl::string_view base, absl::string_view path);

// True if `path` is `root` or lies below it; both normal.
bool WindowsPathIsWithin(absl::string_view path, absl::string_view root);

// True for "C:\" and "\\server\share", which are the tops of volumes.
bool IsWindowsRoot(absl::string_view path);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_WINDOWS_PATH_H_
