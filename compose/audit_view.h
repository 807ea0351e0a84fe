#ifndef PADDOCK_COMPOSE_AUDIT_VIEW_H_
#define PADDOCK_COMPOSE_AUDIT_VIEW_H_

#include "core/audit/view.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"

namespace paddock {

// What the command would see under `plan`, which has to be one for Linux.
audit::View ViewOfPlan(const LaunchPlan& plan);

// Without a plan: the grants are writable, and nothing is hidden.
audit::View ViewWithoutPlan(const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_AUDIT_VIEW_H_
