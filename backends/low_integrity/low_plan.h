#ifndef PADDOCK_BACKENDS_LOW_INTEGRITY_LOW_PLAN_H_
#define PADDOCK_BACKENDS_LOW_INTEGRITY_LOW_PLAN_H_

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/plan/launch_plan.h"
#include "core/policy/policy.h"
#include "core/windows_plan/specs.h"

// The plan body of low_integrity: what the launcher does, in the order in which it does it. Symbols:
//   {user} {logon}  the user's SID, and the logon session's, of the token that is lowered
//   {run}           the name of the run, random, and that of its folder
//   {run_folder}    a directory of the run's own, labelled low, removed after it
// Paths are absolute Windows paths in WTF-8.

namespace paddock {

// What is made of this process's token.
struct LowTokenSpec {
  bool disable_max_privilege = true;
  bool lua_token = true;  // administrators deny only, where Paddock was started elevated
  std::string integrity = "low";
  std::string owner = "{user}";
  std::string default_dacl;  // SDDL
  friend bool operator==(const LowTokenSpec&, const LowTokenSpec&) = default;
};

// A tree of the host of which the command writes a copy. Nothing on the host itself gets a label.
struct TreeCopy {
  std::string from;
  std::string to;         // below {run_folder}
  bool directory = true;  // what `from` is
  std::string keep;       // where the copy is moved, its labels taken away, if the run has changed it
  std::string rule;       // the policy's rule that it stands for
  friend bool operator==(const TreeCopy&, const TreeCopy&) = default;
};

struct LowIntegrityPlan : PlanBody {
  LowTokenSpec token;
  std::vector<TreeCopy> copies;      // made before anything is labelled
  std::vector<std::string> folders;  // further directories, all below {run_folder}
  std::string label;                 // SDDL, of {run_folder} and all in it once the copies are there
  JobSpec job;
  ProcessSpec process;
  LimitsPolicy limits;  // wall and output are the launcher's to watch; the rest is in `job`
  std::string state_dir;

  Json ToJson() const override;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LOW_INTEGRITY_LOW_PLAN_H_
