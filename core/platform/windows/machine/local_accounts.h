#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_LOCAL_ACCOUNTS_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_LOCAL_ACCOUNTS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/sid.h"
#include "core/platform/windows/machine/machine_calls.h"

namespace paddock::machine {

struct LocalAccount {
  access::Sid sid;
  std::string comment;
};

// Users and groups of this machine, never of a domain. Changing them takes an administrator. Errors are Win32Status's,
// and name the call. Removing what is not there, and adding a member who is one, is no error.
class LocalAccounts {
 public:
  explicit LocalAccounts(const MachineCalls& calls) : calls_(calls) {}

  absl::StatusOr<std::optional<LocalAccount>> FindGroup(absl::string_view name) const;
  absl::StatusOr<std::optional<LocalAccount>> FindUser(absl::string_view name) const;

  // AlreadyExists: an account has that name.
  absl::Status AddGroup(absl::string_view name, absl::string_view comment) const;
  // A user whose password never expires and who cannot change it, member of no group.
  absl::Status AddUser(absl::string_view name, absl::string_view comment, absl::string_view password) const;
  absl::Status SetPassword(absl::string_view name, absl::string_view password) const;
  absl::Status RemoveGroup(absl::string_view name) const;
  absl::Status RemoveUser(absl::string_view name) const;
  // The user's directory below C:\Users and its hive, if it has ever signed in.
  absl::Status RemoveProfile(const access::Sid& user) const;

  absl::StatusOr<bool> IsMember(absl::string_view group, const access::Sid& user) const;
  absl::Status AddMember(absl::string_view group, const access::Sid& user) const;
  absl::Status RemoveMember(absl::string_view group, const access::Sid& user) const;

 private:
  absl::StatusOr<access::Sid> SidOf(absl::string_view name) const;

  const MachineCalls& calls_;
};

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_LOCAL_ACCOUNTS_H_
