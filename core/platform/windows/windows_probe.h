#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_PROBE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_PROBE_H_

#include <string>
#include <utility>

#include "core/host/probe.h"

namespace paddock {

// The Windows that this process runs on. Needs no elevation, starts no process and no distribution. What cannot be
// known so, or not within kProbeDeadline, is unknown, with the reason in the fact's source.
class WindowsProbe : public HostProbe {
 public:
  explicit WindowsProbe(Caller caller) : caller_(std::move(caller)) {}

  HostFacts ProbeHost() const override;

  // See workspace_probe.h.
  absl::StatusOr<WorkspaceFacts> ProbeWorkspace(const Request& request) const override;

  // The state directory, %LOCALAPPDATA%\paddock\state (empty if that is not known). No version has left anything in it.
  LeaseFacts ProbeLeases(const Request& request) const override;

 private:
  std::string Variable(const char* name) const;  // an absolute path, or empty

  const Caller caller_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_PROBE_H_
