#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_ACCOUNT_RIGHTS_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_ACCOUNT_RIGHTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/sid.h"
#include "core/platform/windows/machine/machine_calls.h"

// Logon rights of an account in this machine's security policy, by their names: "SeInteractiveLogonRight" (Microsoft
// Learn, "Account Rights Constants"). Takes an administrator. Errors are Win32Status's.

namespace paddock::machine {

absl::StatusOr<bool> HasRight(const MachineCalls& calls, const access::Sid& account, absl::string_view right);
absl::Status AddRight(const MachineCalls& calls, const access::Sid& account, absl::string_view right);
// A right that the account has not is no error.
absl::Status RemoveRight(const MachineCalls& calls, const access::Sid& account, absl::string_view right);

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_ACCOUNT_RIGHTS_H_
