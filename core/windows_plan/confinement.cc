#include "core/windows_plan/confinement.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

// All of JOB_OBJECT_UILIMIT_* (Microsoft Learn, "JOBOBJECT_BASIC_UI_RESTRICTIONS").
constexpr const char* kUiLimits[] = {"desktop", "displaysettings", "exitwindows",      "globalatoms",
                                     "handles", "readclipboard",   "systemparameters", "writeclipboard"};

constexpr const char* kMitigations[] = {"image_load_no_remote", "image_load_no_low_label", "extension_point_disable"};

}  // namespace

JobSpec JobFor(const LimitsPolicy& limits, bool ui_limits) {
  JobSpec job;
  if (limits.processes) job.processes = *limits.processes;
  job.memory = limits.memory;
  job.cpu = limits.cpu;
  if (ui_limits) job.ui_limits.assign(std::begin(kUiLimits), std::end(kUiLimits));
  return job;
}

void DecideLimits(const LimitsPolicy& limits, bool held, std::vector<RuleVerdict>* verdicts) {
  const auto decide = [&](const char* rule, const char* mechanism, std::string missing) {
    if (!held) absl::StrAppend(&missing, missing.empty() ? "" : "; ", "a job around this process may forbid it");
    const Verdict verdict = missing.empty() ? Verdict::kEnforced : Verdict::kApproximated;
    verdicts->push_back({rule, verdict, mechanism, std::move(missing)});
  };
  if (limits.wall) decide("limits.wall", "a timer; the job is terminated", "");
  if (limits.cpu) decide("limits.cpu", "PerJobUserTimeLimit", "time in the kernel is not counted");
  if (limits.memory) decide("limits.memory", "JobMemoryLimit", "");
  if (limits.processes) decide("limits.processes", "ActiveProcessLimit", "threads are not counted");
  if (limits.output) decide("limits.output", "counted while it is relayed", "");
  if (limits.file_size) {
    verdicts->push_back({"limits.file_size", Verdict::kNotEnforced, "none", "Windows has no such limit"});
  }
}

ProcessSpec ProcessFor(const Request& request, std::string cwd) {
  ProcessSpec process;
  process.command = request.command;
  process.cwd = std::move(cwd);
  process.tty = request.tty == TtyMode::kAlways;
  if (!process.tty) process.handles = {"stdin", "stdout", "stderr"};
  process.mitigations.assign(std::begin(kMitigations), std::end(kMitigations));
  return process;
}

void DecideSockets(const Request& request, std::vector<RuleVerdict>* verdicts) {
  for (const PathRule& rule : request.unix_sockets) {
    verdicts->push_back({absl::StrCat("network.unix_sockets ", rule.text), Verdict::kNotEnforced, "none",
                         "nothing makes a socket of the host reachable here"});
  }
}

}  // namespace paddock
