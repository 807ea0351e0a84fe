#ifndef PADDOCK_CORE_PLATFORM_POSIX_CGROUP_FACTS_H_
#define PADDOCK_CORE_PLATFORM_POSIX_CGROUP_FACTS_H_

#include <string>
#include <vector>

#include "core/host/fact.h"
#include "core/platform/posix/mount_table.h"

namespace paddock {

// The cgroup v2 directory of this process (cgroups(7)).
struct CgroupFacts {
  Fact delegated;    // the directory, its cgroup.procs and its cgroup.subtree_control are ours to write
  std::string path;  // absolute; empty if there is none or it is not mounted here
  std::vector<std::string> controllers;  // of "cpu", "memory", "pids", those in its cgroup.controllers
};

// `self_cgroup` is the text of /proc/self/cgroup.
CgroupFacts ProbeCgroup(const std::string& self_cgroup, const MountTable& mounts);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_CGROUP_FACTS_H_
