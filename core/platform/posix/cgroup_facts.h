#ifndef PADDOCK_CORE_PLATFORM_POSIX_CGROUP_FACTS_H_
#define PADDOCK_CORE_PLATFORM_POSIX_CGROUP_FACTS_H_

#include <string>
#include <vector>

#include "core/host/fact.h"
#include "core/platform/posix/mount_table.h"

namespace paddock {

// Where a run may get a cgroup of its own (cgroups(7)): below this process's cgroup, or beside it. Controllers reach
// below a cgroup only while no process is in it (but for the first one), so that with controllers it is mostly beside.
struct CgroupFacts {
  Fact delegated;                        // there is such a directory, and it is left to us
  std::string path;                      // of that directory, absolute; empty if there is none
  std::vector<std::string> controllers;  // of "cpu", "memory", "pids", those that a cgroup made there has
};

// `self_cgroup` is the text of /proc/self/cgroup. On a host that runs systemd a directory is left to us if it is marked
// so (Delegate=yes); elsewhere if we may write to it.
CgroupFacts ProbeCgroup(const std::string& self_cgroup, const MountTable& mounts, bool systemd);

// The same for this process and this host.
CgroupFacts ProbeOwnCgroup();

// Whether the host below `root` was started by systemd (sd_booted(3)).
bool RunsSystemd(const std::string& root);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_CGROUP_FACTS_H_
