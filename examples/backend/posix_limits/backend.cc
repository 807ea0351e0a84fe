#include "posix_limits/backend.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/backend/assessment_builder.h"
#include "core/backend/policy_rules.h"
#include "posix_limits/plan.h"

namespace posix_limits {
namespace {

using paddock::Condition;
using paddock::Guarantee;
using paddock::Meets;
using paddock::Verdict;

// setrlimit(2): RLIMIT_NPROC is not enforced for CAP_SYS_ADMIN and CAP_SYS_RESOURCE. An unknown user counts as root.
bool CountsProcesses(const paddock::Facts& facts) { return facts.host.linux_host.uid > 0; }

void MeetConditions(paddock::AssessmentBuilder& builder) {
  builder.Meet(Condition::kOpenBinaries, Meets::kYes, "any binary");
  builder.Meet(Condition::kHostWorkspace, Meets::kYes, "the live checkout");
  builder.Meet(Condition::kNoAdmin, Meets::kYes, "nothing to set up");
  builder.Meet(Condition::kTree, Meets::kPartial, "children inherit resource limits, but may leave the process group");
}

void ReachLimits(const paddock::Request& request, const paddock::Facts& facts, paddock::AssessmentBuilder& builder) {
  if (!request.policy.limits.processes || CountsProcesses(facts)) {
    builder.Reach(Guarantee::kLimits, paddock::limits_level::kPerProcess);
    return;
  }
  // No other backend has this reason: a code of our own, which brings its remedy.
  builder.WeakenedBy({"posix_limits_root_forks_freely",
                      "RLIMIT_NPROC does not hold for root, and limits.processes is set",
                      "Run as an ordinary user, or write limits.processes = \"none\"."});
}

// What we do about each rule of the policy, told rule by rule.
paddock::RuleVerdict Judge(const std::string& rule, const paddock::Request& request, const paddock::Facts& facts) {
  const paddock::Policy& policy = request.policy;
  const auto enforced = [&](const char* by) { return paddock::RuleVerdict{rule, Verdict::kEnforced, by, ""}; };
  const auto approximated = [&](const char* by, const char* missing) {
    return paddock::RuleVerdict{rule, Verdict::kApproximated, by, missing};
  };
  const auto open = [&](const char* missing) {
    return paddock::RuleVerdict{rule, Verdict::kNotEnforced, "none", missing};
  };
  // What the policy leaves to the host.
  if (rule == "filesystem.read" && policy.filesystem.read == paddock::ReadMode::kHost)
    return enforced("the host's files");
  if (rule == "filesystem.tmp" && policy.filesystem.tmp == paddock::TmpMode::kHost) return enforced("the host's /tmp");
  if (rule == "network.mode" && policy.network.mode == paddock::NetworkMode::kOpen)
    return enforced("the host's network");
  if (absl::StartsWith(rule, "network.unix_sockets ")) return enforced("the host's sockets");
  // What is ours.
  if (rule == "limits.wall")
    return approximated("timerfd, SIGKILL to the process group", "who has left the group lives on");
  if (rule == "limits.cpu") return approximated("RLIMIT_CPU for each process", "the sum over processes");
  if (rule == "limits.memory") return approximated("RLIMIT_DATA for each process", "the sum, and shared mappings");
  if (rule == "limits.file_size") return enforced("RLIMIT_FSIZE");
  if (rule == "limits.output") return enforced("counted while it is relayed");
  if (rule == "limits.processes") {
    if (!CountsProcesses(facts)) return open("RLIMIT_NPROC does not hold for root");
    return approximated("RLIMIT_NPROC", "counts the user's processes outside the run too, so that forks fail sooner");
  }
  if (absl::StartsWith(rule, "filesystem.write "))
    return open("all that the caller may write is writable, this among it");
  return open("resource limits confine no access");
}

std::vector<std::string> Executables(const paddock::Request& request) {
  const std::string& name = request.command.front();
  if (absl::StrContains(name, '/')) return {name};
  const auto path = request.environment.find("PATH");
  std::vector<std::string> candidates;
  for (absl::string_view directory :
       absl::StrSplit(path == request.environment.end() ? "/bin:/usr/bin" : path->second, ':')) {
    candidates.push_back(absl::StrCat(directory.empty() ? "." : directory, "/", name));
  }
  return candidates;
}

std::vector<ResourceLimit> Limits(const paddock::LimitsPolicy& limits, bool counts_processes) {
  std::vector<ResourceLimit> result;
  if (limits.cpu) {
    // SIGXCPU, by which the outcome is told, and a second later SIGKILL.
    const auto seconds = static_cast<uint64_t>(std::chrono::ceil<std::chrono::seconds>(*limits.cpu).count());
    result.push_back({Resource::kCpuSeconds, seconds, seconds + 1});
  }
  if (limits.memory) result.push_back({Resource::kDataBytes, *limits.memory, *limits.memory});
  if (limits.file_size) result.push_back({Resource::kFileBytes, *limits.file_size, *limits.file_size});
  if (limits.processes && counts_processes) {
    result.push_back({Resource::kUserProcesses, *limits.processes, *limits.processes});
  }
  return result;
}

class PosixLimits : public paddock::Backend {
 public:
  const paddock::BackendInfo& info() const override { return info_; }

  paddock::Assessment Assess(absl::string_view /*tier*/, const paddock::Request& request,
                             const paddock::Facts& facts) const override {
    paddock::AssessmentBuilder builder(request, facts);
    MeetConditions(builder);
    if (!builder.RequireHost(paddock::OsFamily::kLinux)) return std::move(builder).Take();
    if (request.policy.workload != paddock::Workload::kCoding) {
      builder.Block("workload_unsupported_on_host", "posix_limits runs the workload coding only");
    }
    if (request.tty == paddock::TtyMode::kAlways) builder.Block("terminal_unsupported", "a terminal is asked for");
    builder.CheckWorkspace();
    builder.CheckWorkingDirectory();
    builder.CheckBroker();

    // All else stays at its weakest level.
    ReachLimits(request, facts, builder);
    if (!request.workspace.empty()) builder.Reach(Guarantee::kWorkspace, paddock::workspace_level::kLive);
    builder.Reach(Guarantee::kHostChange, paddock::host_change_level::kNone);
    builder.AddRisk("nothing_confined", "the command may read, write and connect to what the caller may");
    builder.AddRisk("group_can_be_left", "a process that calls setsid(2) survives the run, and the launcher's death");
    return std::move(builder).Take();
  }

  absl::StatusOr<paddock::LaunchPlan> Plan(absl::string_view tier, const paddock::Request& request,
                                           const paddock::Facts& facts) const override {
    const paddock::Assessment assessment = Assess(tier, request, facts);
    if (!assessment.usable()) {
      return paddock::ReasonError(absl::StatusCode::kFailedPrecondition, assessment.blockers.front());
    }
    auto body = std::make_shared<posix_limits::Plan>();
    body->executables = Executables(request);
    body->command = request.command;
    for (const auto& [name, value] : request.environment) body->environment.push_back(absl::StrCat(name, "=", value));
    body->cwd = request.cwd;
    body->rlimits = Limits(request.policy.limits, CountsProcesses(facts));
    body->wall = request.policy.limits.wall;
    body->output = request.policy.limits.output;

    paddock::LaunchPlan plan;
    plan.backend = {info_.name, ""};
    plan.promised = assessment.reached;
    plan.risks = assessment.risks;
    for (const std::string& rule : paddock::PolicyRules(request)) plan.verdicts.push_back(Judge(rule, request, facts));
    plan.body = std::move(body);
    return plan;
  }

 private:
  const paddock::BackendInfo info_ = {
      "posix_limits", "resource limits alone: confines no access", paddock::OsFamily::kLinux, {}};
};

}  // namespace

std::unique_ptr<paddock::Backend> MakeBackend() { return std::make_unique<PosixLimits>(); }

}  // namespace posix_limits
