#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_NETWORK_FILTER_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_NETWORK_FILTER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/access/sid.h"
#include "core/platform/windows/machine/machine_calls.h"

namespace paddock::machine {

// Objects of the Windows Filtering Platform by their keys, GUIDs as text without braces.
struct UserFilters {
  struct Named {
    std::string key;
    std::string name;
  };
  struct Filter {
    Named object;
    std::string layer;
  };
  Named provider;
  Named sublayer;
  std::vector<Filter> filters;
};

// Makes the objects, in one transaction, and with them each filter blocks what `user` does at its layer; persistent,
// and no other filter can permit it again. What has one of the keys is replaced. Takes an administrator; errors are
// Win32Status's, and nothing is changed then.
absl::Status AddUserFilters(const MachineCalls& calls, const UserFilters& objects, const access::Sid& user);

// Whether all the filters are there and are about `user`; takes an administrator, too.
absl::StatusOr<bool> HasUserFilters(const MachineCalls& calls, const UserFilters& objects, const access::Sid& user);

// In one transaction. What is not there is no error.
absl::Status RemoveUserFilters(const MachineCalls& calls, const UserFilters& objects);

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_NETWORK_FILTER_H_
