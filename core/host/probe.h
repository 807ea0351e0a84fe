#ifndef PADDOCK_CORE_HOST_PROBE_H_
#define PADDOCK_CORE_HOST_PROBE_H_

#include "absl/status/statusor.h"
#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// Looks at the host. Reads only: no process is started, nothing is created. Thread-safe.
class HostProbe {
 public:
  virtual ~HostProbe() = default;

  // Facts about the machine and the calling process. Cannot fail: what cannot be known is unknown.
  virtual HostFacts ProbeHost() const = 0;

  // Facts about the paths of `request` and the workspace, globs expanded.
  virtual absl::StatusOr<WorkspaceFacts> ProbeWorkspace(const Request& request) const = 0;

  virtual LeaseFacts ProbeLeases(const Request& request) const = 0;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_PROBE_H_
