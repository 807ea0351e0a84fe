#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_DEDICATED_USER_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_DEDICATED_USER_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/access/sid.h"

namespace paddock {

// An account that `paddock setup` has made, as a launch needs it.
struct DedicatedUser {
  std::string name;      // of a local account, without a domain
  access::Sid sid;       // its own
  access::Sid group;     // of the dedicated users: {group}
  std::string password;  // UTF-8; whoever has used it wipes it
  std::string runner;    // absolute path of paddock-runner.exe, where this user may execute and not write
  std::string setup;     // the set-up's number
};

class DedicatedUsers {
 public:
  virtual ~DedicatedUsers() = default;

  // `offline`: the account whose traffic is filtered. Unavailable with `not_provisioned`, or the reason for which it
  // cannot be used by this caller.
  virtual absl::StatusOr<DedicatedUser> Find(bool offline) = 0;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_DEDICATED_USER_H_
