#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_TOKEN_DATA_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_TOKEN_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/audit/snapshot.h"
#include "core/platform/windows/windows_api.h"

// What a token says of itself, in the terms of a snapshot's account. `token` is open for TOKEN_QUERY. Errors are
// Win32Status's.

namespace paddock {

// The bytes that GetTokenInformation gives; `name` is what they are, for the error.
absl::StatusOr<std::string> TokenData(HANDLE token, TOKEN_INFORMATION_CLASS what, absl::string_view name);

absl::StatusOr<access::Sid> SidAt(PSID sid);

absl::StatusOr<access::Sid> UserOf(HANDLE token);
absl::StatusOr<uint32_t> IntegrityOf(HANDLE token);

// Without the integrity level, which stands among them.
absl::StatusOr<std::vector<access::Group>> GroupsOf(HANDLE token);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_TOKEN_DATA_H_
