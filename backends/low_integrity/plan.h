#ifndef PADDOCK_BACKENDS_LOW_INTEGRITY_PLAN_H_
#define PADDOCK_BACKENDS_LOW_INTEGRITY_PLAN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"

namespace paddock {

// The plan of low_integrity for one request on one host; its body is a LowIntegrityPlan. Pure. `tier` is empty: there
// is one way. FailedPrecondition with a reason where AssessLowIntegrity has a blocker, and where a grant cannot be
// copied.
absl::StatusOr<LaunchPlan> PlanLowIntegrity(absl::string_view tier, const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LOW_INTEGRITY_PLAN_H_
