#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WIN32_ERROR_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WIN32_ERROR_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace paddock {

// "Access is denied (error 5)": the system's own sentence, in the user's language, and the number (Microsoft Learn,
// "System Error Codes").
std::string Win32Message(uint32_t error);

// `tried`, what was tried on what, followed by Win32Message. Codes: NotFound for a missing file, path or share,
// PermissionDenied for access and privileges, Unavailable for busy, broken or unsupported, AlreadyExists,
// InvalidArgument for a bad name, ResourceExhausted; else Internal.
absl::Status Win32Status(uint32_t error, absl::string_view tried);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WIN32_ERROR_H_
