#ifndef PADDOCK_PROVISION_OWN_SETUP_H_
#define PADDOCK_PROVISION_OWN_SETUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "provision/credentials.h"
#include "provision/setup_record.h"

namespace paddock::provision {

// A set-up that its owner, this process's user, can use.
struct OwnSetup {
  SetupRecord record;
  Passwords passwords;
  std::string runner;  // the program, which is there; whether it is still the one, the directory's list sees to
};

// Unavailable, each with what to do: `not_provisioned` if there is none, it is not finished, its passwords or its
// program are lost; `provisioned_for_another`; `setup_record_broken`. Other errors: it cannot be looked at.
absl::StatusOr<OwnSetup> FindOwnSetup(const std::string& state_dir);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_OWN_SETUP_H_
