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
#include "core/report/outcome.h"

namespace paddock {

// The leases of one run. What its end undoes is undone by Release, or by destruction if that was not called.
class HeldLeases {
 public:
  virtual ~HeldLeases() = default;

  // The SID of each of the plan's roots, in order: what {capability}, {capability:2}, ... stand for.
  virtual const std::vector<access::Sid>& capabilities() const = 0;

  // After the tree has ended. Adds to `result` what was found: names that were made and taken away, what could not be.
  virtual void Release(RunResult* result) = 0;
};

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
