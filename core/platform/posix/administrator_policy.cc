#include "core/platform/administrator_policy.h"

namespace paddock {

// Nobody but root makes anything in /etc.
absl::StatusOr<std::string> AdministratorPolicy() { return "/etc/paddock/policy.toml"; }

}  // namespace paddock
