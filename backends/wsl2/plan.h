#ifndef PADDOCK_BACKENDS_WSL2_PLAN_H_
#define PADDOCK_BACKENDS_WSL2_PLAN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"

namespace paddock {

// The plan of wsl2 for one request on one host; its body is a wsl2::Wsl2Plan. Pure. `tier` is empty: there is one way.
// FailedPrecondition with a reason where AssessWsl2 has a blocker, and where a path has no name in the distribution.
//
// Verdicts are what the distribution's facts let expect. The far side plans anew with its own, and its verdicts take
// their places in the report.
absl::StatusOr<LaunchPlan> PlanWsl2(absl::string_view tier, const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WSL2_PLAN_H_
