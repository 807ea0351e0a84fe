#ifndef PADDOCK_PROVISION_CREDENTIALS_H_
#define PADDOCK_PROVISION_CREDENTIALS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The passwords of the dedicated users, as the user keeps them who set them up: in a file of the state directory,
// encrypted by DPAPI for that user alone (Microsoft Learn, "CryptProtectData"). Whoever acts as that user can have
// them, and could act as the dedicated users: these may do less.

namespace paddock::provision {

using Passwords = std::map<std::string, std::string>;  // by user

// 32 random characters, of every kind that a password policy may ask for.
absl::StatusOr<std::string> RandomPassword();

// nullopt: none are kept. FailedPrecondition `setup_record_broken`: they cannot be read, by this user at least.
absl::StatusOr<std::optional<Passwords>> ReadPasswords(const std::string& state_dir);
absl::Status KeepPasswords(const std::string& state_dir, const Passwords& passwords);
absl::Status ForgetPasswords(const std::string& state_dir);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_CREDENTIALS_H_
