#include "backends/linux_landlock/assess.h"
#include "backends/linux_landlock/landlock_rights.h"
#include "backends/linux_landlock/plan_builder.h"

namespace paddock {
namespace {

void PlanProcesses(PlanBuilder& b) {
  if (b.body.cgroup.processes) {
    b.Decide("limits.processes", Verdict::kEnforced, "pids.max of the run's cgroup");
    return;
  }
  if (b.body.tier == LinuxTier::kLandlock) {
    b.Decide("limits.processes", Verdict::kNotEnforced, "none",
             "RLIMIT_NPROC would count every process of the user, and no cgroup is delegated");
    return;
  }
  ProcessLimits& how = b.body.process_limits;
  // bubblewrap has given up the right to write it by the time that the namespace is there.
  how.namespace_pid_max = b.body.tier == LinuxTier::kNamespaces && b.facts.host.linux_host.pid_max_per_namespace.yes();
  how.rlimit_nproc = b.body.uid > 0;
  if (how.rlimit_nproc) {
    b.Decide("limits.processes", Verdict::kEnforced, "RLIMIT_NPROC, counted in the user namespace");
  } else if (how.namespace_pid_max) {
    b.Decide("limits.processes", Verdict::kApproximated, "pid_max of the pid namespace",
             "up to 300 more until pids wrap");
  } else {
    b.Decide("limits.processes", Verdict::kNotEnforced, "none",
             b.body.tier == LinuxTier::kBubblewrap
                 ? "RLIMIT_NPROC does not hold for root, and bubblewrap does not set pid_max"
                 : "RLIMIT_NPROC does not hold for root, and pid_max is not per namespace before Linux 6.14");
  }
}

void PlanMemory(PlanBuilder& b) {
  if (b.body.cgroup.memory) {
    b.Decide("limits.memory", Verdict::kEnforced, "memory.max of the run's cgroup, without swap");
    return;
  }
  b.body.process_limits.rlimit_data = true;
  b.Decide("limits.memory", Verdict::kApproximated,
           b.has_view() ? "RLIMIT_DATA for each process; size= of the private tmpfs" : "RLIMIT_DATA for each process",
           "the sum over processes, and shared mappings");
}

}  // namespace

void PlanLimits(PlanBuilder& b) {
  const LimitsPolicy& limits = b.request.policy.limits;
  b.body.limits = limits;
  b.body.cgroup = CgroupOf(Name(b.body.tier), b.request, b.facts.host.linux_host);
  // The process that ends the tree is the command's own to stop, unless a pid namespace or Landlock's scope forbids it.
  const bool ends_for_sure = b.has_view() || b.body.landlock_abi >= kLandlockScopesSince;
  const Verdict ending = ends_for_sure ? Verdict::kEnforced : Verdict::kApproximated;
  const char* const missing =
      ends_for_sure ? "" : "a command that stops Paddock's own processes, before Landlock ABI 6";
  if (limits.wall) b.Decide("limits.wall", ending, "timerfd; SIGTERM, SIGKILL a second later", missing);
  if (limits.output) b.Decide("limits.output", ending, "counted while it is relayed", missing);
  if (limits.file_size) b.Decide("limits.file_size", Verdict::kEnforced, "RLIMIT_FSIZE");
  if (limits.processes) PlanProcesses(b);
  if (limits.memory) PlanMemory(b);
  if (limits.cpu) {
    b.body.process_limits.rlimit_cpu = true;
    b.Decide("limits.cpu", Verdict::kApproximated, "RLIMIT_CPU for each process", "the sum over processes");
  }
}

}  // namespace paddock
