#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LEASES_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LEASES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/windows_token/launch_enforcement.h"
#include "backends/windows_token/token_plan.h"
#include "core/backend/launcher.h"
#include "core/windows_launch/held_leases.h"

namespace paddock {

// Takes the leases of a plan's `roots`: access control entries for a SID of each, and the placeholders of absent names.
class GrantLeases {
 public:
  virtual ~GrantLeases() = default;

  // `symbols`: all but the capabilities. Entries are read back by `enforcement`. On failure everything is undone.
  // `sink` hears of it where a large tree is stamped. Cancelled once `cancelled` says so.
  virtual absl::StatusOr<std::unique_ptr<HeldLeases>> Take(const WindowsTokenPlan& plan, const Symbols& symbols,
                                                           Enforcement& enforcement, EventSink& sink,
                                                           const std::function<bool()>& cancelled) = 0;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LEASES_H_
