#ifndef PADDOCK_CORE_REQUEST_ENVIRONMENT_H_
#define PADDOCK_CORE_REQUEST_ENVIRONMENT_H_

#include <map>
#include <string>

#include "core/policy/policy.h"

namespace paddock {

// The environment of the command: what `policy.environment` inherits of `caller`, then what it sets. A name that
// `inherit` spells out comes in; one that only a pattern of it matches comes in unless `scrub` matches it, in any case
// of letters. Proxy variables are not inherited while the network is off: they would only send programs into a wall,
// and their URLs often hold a password.
std::map<std::string, std::string> CommandEnvironment(const Policy& policy,
                                                      const std::map<std::string, std::string>& caller);

}  // namespace paddock

#endif  // PADDOCK_CORE_REQUEST_ENVIRONMENT_H_
