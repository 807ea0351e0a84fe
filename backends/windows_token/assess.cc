#include "backends/windows_token/assess.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_token/judge_reads.h"
#include "core/backend/assessment_builder.h"
#include "core/windows_plan/grants.h"

namespace paddock {
namespace {

// The dedicated user is used where each thing it stands on is known to be there.
bool HasDedicatedUser(const WindowsFacts& windows) {
  return windows.provisioned.yes() && windows.seclogon.yes() && windows.domain_controller.no() &&
         windows.app_control_enforced.no();
}

void SayWhyNoDedicatedUser(const WindowsFacts& windows, AssessmentBuilder& builder) {
  if (windows.domain_controller.yes()) {
    builder.WeakenedBy("domain_controller", "this machine is a domain controller: no dedicated local user");
    return;
  }
  if (!windows.provisioned.yes()) {
    builder.WeakenedBy("not_provisioned",
                       "no dedicated user: reads and network stay open, and deletion outside the workspace too");
  }
  if (windows.domain_controller.unknown()) {
    builder.WeakenedBy("domain_controller", "it is not known that this machine is no domain controller");
  }
  if (!windows.seclogon.yes()) {
    builder.WeakenedBy("seclogon_disabled", windows.seclogon.no()
                                                ? "the secondary logon service is disabled"
                                                : "it is not known whether the secondary logon service can be used");
  }
  if (!windows.app_control_enforced.no()) {
    builder.WeakenedBy("app_control_enforced",
                       windows.app_control_enforced.yes()
                           ? "application control would stop the dedicated user's runner"
                           : "it is not known whether application control would stop the runner");
  }
}

// A proxy of the user's own leads out, whatever the variables that the plan sets.
bool SetsOwnProxy(const Request& request) {
  const auto& set = request.policy.environment.set;
  return std::any_of(set.begin(), set.end(), [](const auto& variable) {
    return absl::EqualsIgnoreCase(variable.first, "HTTP_PROXY") ||
           absl::EqualsIgnoreCase(variable.first, "HTTPS_PROXY") || absl::EqualsIgnoreCase(variable.first, "ALL_PROXY");
  });
}

Level NetworkLevel(bool dedicated, const Request& request, const WindowsFacts& windows, AssessmentBuilder& builder) {
  if (request.policy.network.mode == NetworkMode::kOpen) return network_level::kOpen;
  if (dedicated) {
    builder.AddRisk("system_services_send",
                    "the DNS client, BITS and the SMB redirector send on the dedicated user's behalf, past its filter");
    if (windows.network_filter_verified.yes()) return network_level::kFiltered;
    builder.WeakenedBy("network_filter_unverified", "the connection that the filter has to stop was not seen to fail");
  }
  builder.AddRisk("network_advisory",
                  "nothing but proxy and offline variables keeps programs from the network, if they heed them");
  return SetsOwnProxy(request) ? network_level::kOpen : network_level::kAdvisory;
}

// Entries of a run's grants hide what lies in them, the lists of access that are there what does not. A grant that
// cannot be found is refused by the plan.
void AssessHiddenReads(const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  Places places(facts);
  places.Add(request.workspace, facts.workspace.root.real_path);
  const auto grants = FindGrants(request, facts, request.write, {.entries = true}, &places);
  if (!grants.ok()) {
    builder.WeakenedBy("read_denials_unjudged", grants.status().message());
    return;
  }
  const ReadJudgement* open = nullptr;
  const std::vector<ReadJudgement> judgements = JudgeReads(request, facts, *grants, places);
  for (const ReadJudgement& judgement : judgements) {
    if (judgement.hidden == Tri::kYes) continue;
    if (open == nullptr || (judgement.hidden == Tri::kNo && open->hidden != Tri::kNo)) open = &judgement;
  }
  if (open == nullptr) return builder.Reach(Guarantee::kRead, read_level::kMasked);
  builder.WeakenedBy(open->hidden == Tri::kNo ? "read_denials_open" : "read_denials_unjudged", open->why);
}

void AssessDedicated(const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  builder.Reach(Guarantee::kWrite, write_level::kScoped);
  builder.Reach(Guarantee::kProcess, process_level::kIsolated);
  builder.AddRisk("shared_among_runs",
                  "runs of the dedicated user can see, change and end each other's processes, and what they own");
  AssessHiddenReads(request, facts, builder);
}

void AssessOwnUser(AssessmentBuilder& builder) {
  builder.Reach(Guarantee::kWrite, write_level::kModifyScoped);
  builder.Reach(Guarantee::kRead, read_level::kNone);
  builder.Reach(Guarantee::kProcess, process_level::kShared);
  builder.AddRisk(
      "delete_child",
      "FILE_DELETE_CHILD escapes the restricting SIDs: most of the user's own tree can be deleted, or moved "
      "to where the command may write; Paddock's own records are part of it (`paddock gc --scan` mends that)");
  builder.AddRisk("reads_open", "every file that the user can read can be read");
  builder.AddRisk("same_user_process_read", "memory of the user's other processes can be read");
  builder.AddRisk("same_user_process_end", "the user's other processes can be ended: PROCESS_TERMINATE is no write");
  builder.AddRisk("interactive_desktop",
                  "the logon session's SID opens the interactive desktop to a program that asks for it by name; limits "
                  "of the job alone keep clipboard and windows from it");
  builder.AddRisk("named_pipe_ipc",
                  "pipes without a descriptor of their own cannot be written: piped children of node fail");
}

// A job of ours needs that none around us forbids it; the dedicated user's runner, which makes the command, is started
// by a service and stands outside.
void AssessJob(bool dedicated, const WindowsFacts& windows, AssessmentBuilder& builder) {
  if (dedicated || windows.in_job.no()) {
    builder.Reach(Guarantee::kTree, tree_level::kContained);
    builder.Reach(Guarantee::kLimits, limits_level::kTree);
    return;
  }
  builder.WeakenedBy("in_job", windows.in_job.yes() ? "this process is in a job that forbids what ours needs"
                                                    : "it is not known whether a job around this process forbids ours");
}

// Without the job's limits on windows, which a job around ours may forbid, whoever asks for the interactive desktop by
// its name is given it: the logon session's SID restricts nothing there.
void AssessDesktop(bool dedicated, const Request& request, const WindowsFacts& windows, AssessmentBuilder& builder) {
  if (!windows.window_station.yes()) {
    builder.WeakenedBy("window_station_unavailable", "an own window station is not known to be possible");
  } else if (dedicated || windows.in_job.no()) {
    builder.Reach(Guarantee::kUi, ui_level::kPrivateDesktop);
  }
  if (!windows.window_station.yes() || request.policy.workload == Workload::kComputerUse) {
    builder.AddRisk(
        "clipboard_shared",
        "a desktop that can be shown stands on the interactive window station: clipboard and atoms are shared");
  } else if (!dedicated && !windows.elevated.yes()) {
    // A dedicated user's runs have a logon session each, and with it a station.
    builder.AddRisk("station_shared",
                    "a window station is made by name by administrators alone: a standard user's runs share the one "
                    "of the logon session, with its clipboard and atoms, apart from the user's desktop");
  }
}

void MeetConditions(bool dedicated, AssessmentBuilder& builder) {
  builder.Meet(Condition::kOpenBinaries, dedicated ? Meets::kYes : Meets::kPartial,
               dedicated ? "any binary" : "any binary; piped children of node fail");
  builder.Meet(Condition::kHostWorkspace, Meets::kYes, "the live checkout");
  builder.Meet(Condition::kNoAdmin, dedicated ? Meets::kPartial : Meets::kYes,
               dedicated ? "each launch as the standard user; making the dedicated user took one elevated step"
                         : "set-up and launch as the standard user");
  builder.Meet(Condition::kTree, Meets::kYes, "children inherit the token and the job");
}

}  // namespace

bool UsesDedicatedUser(const Request& request, const Facts& facts) {
  // What is shown needs the interactive window station, which is closed to other users.
  return facts.host.os == OsFamily::kWindows && request.policy.workload != Workload::kComputerUse &&
         HasDedicatedUser(facts.host.windows_host);
}

Assessment AssessWindowsToken(const Request& request, const Facts& facts) {
  const WindowsFacts& windows = facts.host.windows_host;
  const bool dedicated = UsesDedicatedUser(request, facts);
  AssessmentBuilder builder(request, facts);
  MeetConditions(dedicated, builder);
  if (!builder.RequireHost(OsFamily::kWindows)) return std::move(builder).Take();

  builder.CheckWorkspace();
  builder.CheckWorkingDirectory();
  builder.CheckAclWorkspace();
  builder.CheckWindowsCommand();
  builder.CheckBroker();

  if (dedicated) {
    AssessDedicated(request, facts, builder);
  } else {
    AssessOwnUser(builder);
    SayWhyNoDedicatedUser(windows, builder);
  }
  builder.Reach(Guarantee::kNetwork, NetworkLevel(dedicated, request, windows, builder));
  AssessJob(dedicated, windows, builder);
  AssessDesktop(dedicated, request, windows, builder);
  builder.Reach(Guarantee::kWorkspace, request.workspace.empty() ? workspace_level::kNone : workspace_level::kLive);
  builder.Reach(Guarantee::kHostChange, host_change_level::kRecorded);
  if (windows.elevated.yes()) {
    builder.WeakenedBy("launcher_elevated",
                       "Paddock was started elevated; the token is lowered to the standard user's");
  }

  builder.AddRisk("everyone_writable",
                  "directories where Everyone may write pass the second check: `paddock audit` lists them");
  builder.AddRisk("brokered_ipc", "COM, the task scheduler, WMI and the shell act outside token and job");
  builder.AddRisk("moved_files", "files moved into the workspace lack its grant, files moved out keep it");
  return std::move(builder).Take();
}

}  // namespace paddock
