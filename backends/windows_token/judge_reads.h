#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_JUDGE_READS_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_JUDGE_READS_H_

#include <string>
#include <vector>

#include "core/host/fact.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"
#include "core/windows_plan/grants.h"

namespace paddock {

// Whether the dedicated users are kept from one rule of deny_read: outside the grants by the lists of access that are
// there, inside by an entry that the plan puts before them.
struct ReadJudgement {
  Tri hidden = Tri::kUnknown;  // all of it that exists at the launch
  std::string why;             // where it is not
  Verdict verdict = Verdict::kNotEnforced;
  std::string mechanism, missing;
};

// One for each rule of deny_read, in their order. `grants` and `places` are FindGrants's.
std::vector<ReadJudgement> JudgeReads(const Request& request, const Facts& facts,
                                      const std::vector<WindowsGrant>& grants, const Places& places);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_JUDGE_READS_H_
