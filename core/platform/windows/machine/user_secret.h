#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_USER_SECRET_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_USER_SECRET_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What this user keeps for itself. Errors are Win32Status's.

namespace paddock::machine {

// Encrypted so that this user alone, on this machine, can decrypt it (DPAPI).
absl::StatusOr<std::string> ProtectForUser(absl::string_view secret);
absl::StatusOr<std::string> UnprotectForUser(absl::string_view blob);

// A directory and those above it, where they are missing.
absl::Status MakeUserFolder(const std::string& path);
bool IsThere(const std::string& path);
// Absent is no error.
absl::Status RemoveUserFile(const std::string& path);

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_USER_SECRET_H_
