#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_OPEN_ITSELF_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_OPEN_ITSELF_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

// The path as Windows takes it as it stands: without MAX_PATH's limit, ".." or names of devices. Of a drive.
std::wstring VerbatimPath(const std::string& path);

// Opens what is at `path` itself, an absolute path of a drive. Nobody can rename or remove it while it is open.
// NotFound: nothing is there. FailedPrecondition: it is a link, or lies behind one. Else Win32Status's errors.
absl::StatusOr<UniqueFileHandle> OpenItself(const std::string& path, DWORD access);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_OPEN_ITSELF_H_
