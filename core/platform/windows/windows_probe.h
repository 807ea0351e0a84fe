#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_PROBE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_PROBE_H_

#include <memory>
#include <string>
#include <utility>

#include "core/host/probe.h"

namespace paddock {

// Finds out what only a WSL distribution itself knows.
class DistributionProbe {
 public:
  virtual ~DistributionProbe() = default;

  // Fills in what is asked inside, of the distribution that `request` would run in; of the next one as well if that one
  // turns out to have nothing that confines. An answer shows that virtual machines run. What fails leaves facts
  // unknown, with why in their source. May start a distribution, and takes as long as that does. Thread-safe.
  virtual void Ask(const Request& request, HostFacts* host) const = 0;
};

// Finds out whether commands can run as a dedicated user of this caller's.
class SetupProbe {
 public:
  virtual ~SetupProbe() = default;

  // Fills in provisioned and network_filter_verified. Thread-safe.
  virtual void AddSetupFacts(WindowsFacts* facts) const = 0;
};

// The Windows that this process runs on. Needs no elevation. What cannot be known so, or not within kProbeDeadline, is
// unknown, with the reason in the fact's source. Starts no process but by `distributions`, which is asked about
// requests that could use WSL2 (wsl.h) alone; without it no distribution is asked, and
// without `setup` it is not known whether there are dedicated users.
class WindowsProbe : public HostProbe {
 public:
  explicit WindowsProbe(Caller caller, std::unique_ptr<DistributionProbe> distributions = nullptr,
                        std::unique_ptr<SetupProbe> setup = nullptr)
      : caller_(std::move(caller)), distributions_(std::move(distributions)), setup_(std::move(setup)) {}

  HostFacts ProbeHost(const Request& request) const override;

  // See workspace_probe.h.
  absl::StatusOr<WorkspaceFacts> ProbeWorkspace(const Request& request) const override;

  // The state directory, %LOCALAPPDATA%\paddock\state (empty if that is not known). No version has left anything in it.
  LeaseFacts ProbeLeases(const Request& request) const override;

 private:
  std::string Variable(const char* name) const;  // an absolute path, or empty

  const Caller caller_;
  const std::unique_ptr<DistributionProbe> distributions_;
  const std::unique_ptr<SetupProbe> setup_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_PROBE_H_
