#include <iterator>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/plan_builder.h"

namespace paddock {
namespace {

constexpr char kEveryone[] = "S-1-1-0";

// All of JOB_OBJECT_UILIMIT_* (Microsoft Learn, "JOBOBJECT_BASIC_UI_RESTRICTIONS").
constexpr const char* kUiLimits[] = {"desktop", "displaysettings", "exitwindows",      "globalatoms",
                                     "handles", "readclipboard",   "systemparameters", "writeclipboard"};

constexpr const char* kMitigations[] = {"image_load_no_remote", "image_load_no_low_label", "extension_point_disable"};

void DecideLimit(TokenPlanBuilder& b, const char* rule, const char* mechanism, std::string missing) {
  const bool held = b.plan.promised[Guarantee::kLimits] == limits_level::kTree;
  if (!held) absl::StrAppend(&missing, missing.empty() ? "" : "; ", "a job around this process may forbid it");
  b.Decide(rule, missing.empty() ? Verdict::kEnforced : Verdict::kApproximated, mechanism, missing);
}

// The job cannot nest in another with limits on windows (Microsoft Learn, "Nested Jobs"): where one may be around, the
// desktop alone keeps windows apart.
bool HasUiLimits(const TokenPlanBuilder& b) { return b.dedicated() || b.facts.host.windows_host.in_job.no(); }

}  // namespace

void PlanToken(TokenPlanBuilder& b) {
  TokenSpec& token = b.body.token;
  for (const WritableRoot& root : b.body.roots) token.restricting.push_back(root.capability);
  // Everyone: without it nothing can be opened for writing that programs expect to be anybody's, consoles and the null
  // device among them.
  token.restricting.insert(token.restricting.end(), {"{run}", "{logon}", kEveryone});
  if (b.dedicated()) token.restricting.push_back("{user}");
  // With more for {logon}, one run could write into the processes of another.
  token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GA;;;{run})(A;;GRGX;;;{logon})";
}

void PlanJob(TokenPlanBuilder& b) {
  const LimitsPolicy& limits = b.request.policy.limits;
  b.body.limits = limits;
  JobSpec& job = b.body.job;
  if (limits.processes) job.processes = *limits.processes;
  job.memory = limits.memory;
  job.cpu = limits.cpu;
  if (HasUiLimits(b)) job.ui_limits.assign(std::begin(kUiLimits), std::end(kUiLimits));

  if (limits.wall) DecideLimit(b, "limits.wall", "a timer; the job is terminated", "");
  if (limits.cpu) DecideLimit(b, "limits.cpu", "PerJobUserTimeLimit", "time in the kernel is not counted");
  if (limits.memory) DecideLimit(b, "limits.memory", "JobMemoryLimit", "");
  if (limits.processes) DecideLimit(b, "limits.processes", "ActiveProcessLimit", "threads are not counted");
  if (limits.output) DecideLimit(b, "limits.output", "counted while it is relayed", "");
  if (limits.file_size) {
    b.Decide("limits.file_size", Verdict::kNotEnforced, "none", "Windows has no such limit");
  }
}

void PlanDesktop(TokenPlanBuilder& b) {
  DesktopSpec& desktop = b.body.desktop;
  desktop.own_station =
      b.request.policy.workload != Workload::kComputerUse && b.facts.host.windows_host.window_station.yes();
  if (desktop.own_station) desktop.station = "paddock-{run}";
  desktop.desktop = "paddock-{run}";
  desktop.descriptor = "D:(A;;GA;;;{user})(A;;GA;;;{run})";

  ProcessSpec& process = b.body.process;
  process.command = b.request.command;
  process.cwd = b.request.cwd.empty() ? kRunFolder : b.Located(b.request.cwd);
  process.tty = b.request.tty == TtyMode::kAlways;
  if (!process.tty) process.handles = {"stdin", "stdout", "stderr"};
  process.mitigations.assign(std::begin(kMitigations), std::end(kMitigations));
}

}  // namespace paddock
