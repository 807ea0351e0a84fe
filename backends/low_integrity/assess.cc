#include "backends/low_integrity/assess.h"

#include "core/backend/assessment_builder.h"

namespace paddock {

Assessment AssessLowIntegrity(const Request& request, const Facts& facts) {
  AssessmentBuilder builder(request, facts);
  builder.Meet(Condition::kOpenBinaries, Meets::kYes, "any binary");
  builder.Meet(Condition::kHostWorkspace, Meets::kNo,
               "labels must be put on the files, persist, and open them to every low process");
  builder.Meet(Condition::kNoAdmin, Meets::kYes, "set-up and launch as the standard user");
  builder.Meet(Condition::kTree, Meets::kPartial, "children inherit the level, but the label opens files to others");
  if (!builder.RequireHost(OsFamily::kWindows)) return std::move(builder).Take();

  builder.CheckWorkspace();
  builder.CheckWindowsCommand();
  builder.CheckBroker();

  builder.Reach(Guarantee::kWrite, write_level::kScoped);
  builder.Reach(Guarantee::kRead, read_level::kNone);
  builder.Reach(Guarantee::kNetwork, network_level::kOpen);
  // A job of ours needs that none around us forbids it.
  const Fact& in_job = facts.host.windows_host.in_job;
  if (in_job.no()) {
    builder.Reach(Guarantee::kTree, tree_level::kContained);
    builder.Reach(Guarantee::kLimits, limits_level::kTree);
  } else {
    builder.WeakenedBy("in_job", in_job.yes() ? "this process is in a job that forbids what ours needs"
                                              : "it is not known whether a job around this process forbids ours");
  }
  // Memory, threads and handles of what is above are closed, by the label of a process (no write up, no read up).
  // Ending it is neither a write nor a read, so that it is not isolated as the level has it.
  builder.Reach(Guarantee::kProcess, process_level::kShared);
  builder.Reach(Guarantee::kUi, ui_level::kShared);
  builder.Reach(Guarantee::kWorkspace, request.workspace.empty() ? workspace_level::kNone : workspace_level::kCopy);
  builder.Reach(Guarantee::kHostChange, host_change_level::kLeased);
  builder.AddRisk("reads_open", "every file that the user can read can be read");
  builder.AddRisk("low_label_shared", "every other low-integrity process may write the labelled copy");
  builder.AddRisk("same_user_process_end",
                  "the user's other processes can be ended: PROCESS_TERMINATE is neither a write nor a read; their "
                  "memory, threads and handles cannot be had");
  builder.AddRisk("low_before",
                  "what was labelled low before the run can be written: AppData\\LocalLow, keys of the registry");
  builder.AddRisk("isolated_upwards_only",
                  "the user's other low processes, and they this run's, can be read, changed and ended");
  return std::move(builder).Take();
}

}  // namespace paddock
