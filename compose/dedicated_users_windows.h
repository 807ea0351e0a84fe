#ifndef PADDOCK_COMPOSE_DEDICATED_USERS_WINDOWS_H_
#define PADDOCK_COMPOSE_DEDICATED_USERS_WINDOWS_H_

#include <memory>
#include <string>

#include "backends/windows_token/dedicated_user.h"
#include "core/platform/windows/windows_probe.h"

// What `paddock setup` has made on this machine, as the probe and the launcher of windows_token ask for it.
// `state_dir`: StateDirectory(); empty: nothing is known, and nothing found.

namespace paddock {

std::unique_ptr<SetupProbe> MakeSetupProbe(std::string state_dir);
std::unique_ptr<DedicatedUsers> MakeDedicatedUsers(std::string state_dir);

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_DEDICATED_USERS_WINDOWS_H_
