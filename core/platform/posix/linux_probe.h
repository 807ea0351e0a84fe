#ifndef PADDOCK_CORE_PLATFORM_POSIX_LINUX_PROBE_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LINUX_PROBE_H_

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/host/probe.h"
#include "core/platform/posix/bubblewrap_lookup.h"
#include "core/platform/posix/mount_table.h"

namespace paddock {

// What a probe reads from, so that tests can show it another host.
struct ProbeInputs {
  std::map<std::string, std::string> environment;  // the caller's: HOME, XDG_RUNTIME_DIR, XDG_STATE_HOME, container
  std::string proc_root = "/proc";
  std::string root;            // put before every absolute path outside procfs: "" is the host itself
  std::string kernel_release;  // empty: asked by uname(2)
  std::vector<std::string> bubblewrap_candidates = BubblewrapCandidates();
};

// Linux, WSL included. Reads files and asks by system calls that have no effect: starts no process, makes no namespace,
// creates nothing. What that cannot tell is unknown; whoever launches learns it by doing.
class LinuxProbe : public HostProbe {
 public:
  explicit LinuxProbe(ProbeInputs inputs) : inputs_(std::move(inputs)) {}

  HostFacts ProbeHost(const Request& request) const override;

  // See workspace_probe.h.
  absl::StatusOr<WorkspaceFacts> ProbeWorkspace(const Request& request) const override;

  // The state directory, $XDG_STATE_HOME/paddock or ~/.local/state/paddock (empty if neither is known), and what its
  // journal lists for the workspace. Whether a run holds it at this moment is not asked: `live` stays false.
  LeaseFacts ProbeLeases(const Request& request) const override;

 private:
  LinuxFacts ProbeLinux() const;
  std::string StateDirectory() const;
  std::string Variable(const char* name) const;  // an absolute path, or empty

  // One run asks for the host first and for the workspace right after: the mount table is read once for both.
  void LeaveMounts(MountTable mounts) const;
  MountTable TakeMounts() const;

  const ProbeInputs inputs_;
  mutable std::mutex mutex_;
  mutable std::optional<MountTable> mounts_;
  mutable std::chrono::steady_clock::time_point mounts_read_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LINUX_PROBE_H_
