#ifndef PADDOCK_CORE_BACKEND_DECISION_ONLY_H_
#define PADDOCK_CORE_BACKEND_DECISION_ONLY_H_

#include <memory>

#include "core/backend/backend.h"

namespace paddock {

// A backend that this version decides about and has no planner for: it is ranked and explained like any other, and its
// Plan is FailedPrecondition with reason plan_not_in_build. It has no tiers.
std::unique_ptr<Backend> MakeDecisionOnlyBackend(BackendInfo info, Assessment (*assess)(const Request&, const Facts&));

}  // namespace paddock

#endif  // PADDOCK_CORE_BACKEND_DECISION_ONLY_H_
