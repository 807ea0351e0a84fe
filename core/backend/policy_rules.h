#ifndef PADDOCK_CORE_BACKEND_POLICY_RULES_H_
#define PADDOCK_CORE_BACKEND_POLICY_RULES_H_

#include <string>
#include <vector>

#include "core/request/request.h"

namespace paddock {

// The name of every rule that `request` states, as RuleVerdict::rule has it, in the order of docs/policy.md:
// "filesystem.write .", "filesystem.tmp", "network.mode", "limits.wall". A plan has one verdict for each; beside these
// a backend may name what it holds beyond the policy.
std::vector<std::string> PolicyRules(const Request& request);

}  // namespace paddock

#endif  // PADDOCK_CORE_BACKEND_POLICY_RULES_H_
