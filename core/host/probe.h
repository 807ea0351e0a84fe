#ifndef PADDOCK_CORE_HOST_PROBE_H_
#define PADDOCK_CORE_HOST_PROBE_H_

#include "absl/status/statusor.h"
#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// Paths of a Linux host that planning asks about beside the request's own: WorkspaceFacts::paths has them too, as well
// as the home, $XDG_RUNTIME_DIR and the directory of Paddock's state.
inline constexpr const char* kLinuxLandmarks[] = {"/tmp",   "/var/tmp", "/run",    "/var/run",
                                                  "/usr",   "/bin",     "/sbin",   "/lib",
                                                  "/lib32", "/lib64",   "/libx32", "/run/current-system"};

// Looks at the host. Reads only: no process is started, nothing is created, but for what asking a WSL distribution
// takes (docs/backends/wsl2.md). Thread-safe.
class HostProbe {
 public:
  virtual ~HostProbe() = default;

  // Facts about the machine and the calling process. Cannot fail: what cannot be known is unknown. `request` says how
  // much is worth asking: what costs, a WSL distribution that has to start for its answer, is asked only for a request
  // that could use it.
  virtual HostFacts ProbeHost(const Request& request) const = 0;

  // Facts about the paths of `request` and the workspace, globs expanded.
  virtual absl::StatusOr<WorkspaceFacts> ProbeWorkspace(const Request& request) const = 0;

  virtual LeaseFacts ProbeLeases(const Request& request) const = 0;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_PROBE_H_
