#ifndef PADDOCK_COMPOSE_DECIDE_H_
#define PADDOCK_COMPOSE_DECIDE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compose/registry.h"
#include "compose/run_settings.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/rubric/decision.h"
#include "core/runtime/runtime.h"

namespace paddock {

// Everything up to the decision.
struct Decided {
  std::unique_ptr<Runtime> runtime;
  Request request;
  Facts facts;
  Decision decision;
};

// For this host. `command` may not be empty.
absl::StatusOr<Decided> DecideHere(const RunSettings& settings, const std::vector<std::string>& command,
                                   const Caller& caller, const RuntimeOptions& options);

// For the host in `facts`, on any system; see PrepareRequestFor(). The runtime can plan, and neither probe nor launch.
absl::StatusOr<Decided> DecideFor(Facts facts, const RunSettings& settings, const std::vector<std::string>& command,
                                  const Caller& caller);

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_DECIDE_H_
