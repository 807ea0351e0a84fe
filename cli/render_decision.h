#ifndef PADDOCK_CLI_RENDER_DECISION_H_
#define PADDOCK_CLI_RENDER_DECISION_H_

#include <optional>
#include <string>

#include "core/base/reason.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"
#include "core/rubric/decision.h"

namespace paddock::cli {

// What `paddock explain` shows: the decision first, then why, then what was rejected and how to mend it.
struct Explanation {
  const Request& request;
  const Decision& decision;
  const LaunchPlan* plan = nullptr;  // of the first candidate, if it could be planned
  std::optional<Reason> refusal;     // why it could not
};

// The choice stands, but this build has no planner for it.
bool NotInBuild(const Explanation& explanation);

std::string RenderExplanation(const Explanation& explanation, bool color);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_RENDER_DECISION_H_
