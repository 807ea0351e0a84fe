#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_PLAN_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_PLAN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/windows_token/token_plan.h"
#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// The plan of windows_token for one request on one host; its body is a WindowsTokenPlan. Pure. `tier` is empty: there
// is one way. FailedPrecondition with a reason where AssessWindowsToken has a blocker, and where a grant or a protected
// name cannot be held.
absl::StatusOr<LaunchPlan> PlanWindowsToken(absl::string_view tier, const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_PLAN_H_
