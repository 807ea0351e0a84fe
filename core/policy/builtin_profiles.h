#ifndef PADDOCK_CORE_POLICY_BUILTIN_PROFILES_H_
#define PADDOCK_CORE_POLICY_BUILTIN_PROFILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/policy/spec.h"

namespace paddock {

// "coding", "read-only", "computer-use", "packaged-app", "low-integrity".
const std::vector<absl::string_view>& BuiltinProfileNames();

// Every key but `extends`, `require`, `backend.allow`, `backend.forced` and the limits that a profile leaves open is
// there. Origins are "built-in:NAME". NotFound if there is no such profile.
absl::StatusOr<PolicySpec> BuiltinProfile(absl::string_view name);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_BUILTIN_PROFILES_H_
