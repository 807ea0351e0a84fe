#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_TOKEN_PLAN_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_TOKEN_PLAN_H_

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/lease/lease_plan.h"
#include "core/plan/launch_plan.h"
#include "core/policy/policy.h"
#include "core/windows_plan/specs.h"

// The plan body of windows_token: what the launcher does, in the order in which it does it. SIDs and names that only
// the launch knows are symbols, in SDDL, paths and values of variables alike:
//   {capability}    grants the first of `roots`; {capability:2}, {capability:3}, ... the further ones. From its lease
//   {run}           the run's own SID: random, never stored
//   {logon} {user}  the logon session's, and the user's, of the token that is restricted
//   {group}         of the dedicated users: it opens files to them and, unlike {user}, restricts nothing, so that one
//   of
//                   their runs does not get at the files of another
//   {developer}     who launches, where a dedicated user is restricted: may wait for what the run makes
//   {run_folder}    a directory of the run's own, removed after it
// Paths are absolute Windows paths in WTF-8.

namespace paddock {

// The arguments of CreateRestrictedToken, and what is set on its result.
struct TokenSpec {
  bool disable_max_privilege = true;
  bool lua_token = true;
  bool write_restricted = true;
  std::vector<std::string> restricting;  // symbols or SIDs, in order
  std::string integrity = "medium";      // lowered to it where it is above
  std::string owner = "{user}";
  std::string default_dacl;  // SDDL
  friend bool operator==(const TokenSpec&, const TokenSpec&) = default;
};

struct WindowsTokenPlan : PlanBody {
  bool dedicated_user = false;    // started by a runner as a dedicated user, which restricts itself
  bool filtered_network = false;  // as the one whose traffic is filtered
  TokenSpec token;
  std::vector<WritableRoot> roots;
  std::vector<OwnFolder> folders;
  JobSpec job;
  DesktopSpec desktop;
  ProcessSpec process;
  LimitsPolicy limits;  // wall and output are the launcher's to watch; the rest is in `job`
  std::string state_dir;

  Json ToJson() const override;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_TOKEN_PLAN_H_
