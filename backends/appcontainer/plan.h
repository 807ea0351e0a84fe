#ifndef PADDOCK_BACKENDS_APPCONTAINER_PLAN_H_
#define PADDOCK_BACKENDS_APPCONTAINER_PLAN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"

namespace paddock {

// The plan of appcontainer for one request on one host; its body is an AppContainerPlan. Pure. `tier` is empty: there
// is one way. FailedPrecondition with a reason where AssessAppContainer has a blocker, where a capability has no name
// that Windows knows, and where a grant or a protected name cannot be held.
absl::StatusOr<LaunchPlan> PlanAppContainer(absl::string_view tier, const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_PLAN_H_
