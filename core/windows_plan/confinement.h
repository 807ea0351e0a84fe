#ifndef PADDOCK_CORE_WINDOWS_PLAN_CONFINEMENT_H_
#define PADDOCK_CORE_WINDOWS_PLAN_CONFINEMENT_H_

#include <string>
#include <vector>

#include "core/plan/launch_plan.h"
#include "core/request/request.h"
#include "core/windows_plan/specs.h"

namespace paddock {

// The job of a request. `ui_limits`: with all limits on windows, which a job inside another cannot have (Microsoft
// Learn, "Nested Jobs").
JobSpec JobFor(const LimitsPolicy& limits, bool ui_limits);

// The verdict on each limit that is stated, by that job and what the launcher watches. `held`: no job around this
// process is known to forbid them.
void DecideLimits(const LimitsPolicy& limits, bool held, std::vector<RuleVerdict>* verdicts);

// The command, its streams and mitigations; not its environment.
ProcessSpec ProcessFor(const Request& request, std::string cwd);

// Sockets of the host, which nothing on Windows makes reachable.
void DecideSockets(const Request& request, std::vector<RuleVerdict>* verdicts);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_PLAN_CONFINEMENT_H_
