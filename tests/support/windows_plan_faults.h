#ifndef PADDOCK_TESTS_SUPPORT_WINDOWS_PLAN_FAULTS_H_
#define PADDOCK_TESTS_SUPPORT_WINDOWS_PLAN_FAULTS_H_

#include <string>
#include <vector>

#include "backends/windows_token/token_plan.h"
#include "core/policy/guarantee.h"
#include "tests/support/windows_plans.h"

namespace paddock {

// What is wrong with `plan` as the plan for `scene`, on the modelled host (windows_model.h), each as "subject: what":
//   token    it is not the token of core/access/compose.h, for an ordinary and for an elevated caller
//   files    the composed token may do more or less to some file than guarantees and risks say
//   host     the developer loses something by the entries
//   objects  processes, pipes, stations and desktops
//   leases, folders, job, desktop, process   what no descriptor shows
// What is expected is worked out from request and facts, never from the plan.
std::vector<std::string> PlanFaults(const WindowsScene& scene, const WindowsTokenPlan& plan);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_WINDOWS_PLAN_FAULTS_H_
