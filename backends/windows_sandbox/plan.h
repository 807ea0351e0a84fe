#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_PLAN_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_PLAN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/windows_sandbox/wsb.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"

namespace paddock {

// The launch plan for one request on one host; its body is a WindowsSandboxPlan. Pure. `tier` is empty.
absl::StatusOr<LaunchPlan> PlanWindowsSandbox(absl::string_view tier, const Request& request, const Facts& facts);

// The machine of such a plan without Paddock's part in it, for who starts it by hand: no mailbox, and `request`'s
// command, if it has one, as the logon command. Asks neither whether this host can run it nor, where nobody looked at
// them, whether the folders are there. FailedPrecondition or InvalidArgument with a reason else.
absl::StatusOr<MachineSpec> PlanMachineAlone(const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_PLAN_H_
