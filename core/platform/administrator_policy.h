#ifndef PADDOCK_CORE_PLATFORM_ADMINISTRATOR_POLICY_H_
#define PADDOCK_CORE_PLATFORM_ADMINISTRATOR_POLICY_H_

#include <string>

#include "absl/status/statusor.h"

namespace paddock {

// The file of the policy that binds everybody on this machine, whether it is there or not: /etc/paddock/policy.toml,
// %ProgramData%\paddock\policy.toml. The system says where that is; no variable of the environment leads elsewhere.
//
// On Windows anybody may make a directory in %ProgramData%. FailedPrecondition with reason policy_untrusted: the file
// is there, and others than administrators may write or replace it, or it lies behind a link.
absl::StatusOr<std::string> AdministratorPolicy();

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_ADMINISTRATOR_POLICY_H_
