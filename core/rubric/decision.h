#ifndef PADDOCK_CORE_RUBRIC_DECISION_H_
#define PADDOCK_CORE_RUBRIC_DECISION_H_

#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/plan/launch_plan.h"
#include "core/policy/guarantee.h"

namespace paddock {

struct Candidate {
  BackendRef backend;
  std::string rule;  // "L1"
  std::string why;   // the rule's own words
  GuaranteeLevels reached;
  std::vector<Requirement> unmet;   // preferred, not reached
  std::vector<Reason> weakened_by;  // what holds a level down here, each with its remedy
  std::vector<Risk> risks;
  std::vector<ConditionResult> conditions;
  bool moved_by_requirement = false;  // a better-placed one fell to the requirements
};

struct Rejection {
  BackendRef backend;
  std::string rule;             // the rule that added it, or empty
  std::vector<Reason> reasons;  // at least one
  std::vector<ConditionResult> conditions;
};

struct Decision {
  std::vector<std::string> matched_rules;  // in order, with "(stop)" semantics told by the table
  std::vector<Candidate> ranked;           // best first; empty: nothing may run
  std::vector<Rejection> rejected;         // each registered backend that is not ranked appears here
  std::vector<std::string> hints;          // "stronger: --command-os any (...)"
};

// Schema "paddock.decision/1".
Json ToJson(const Decision& decision);

// Why nothing was ranked: the reasons of the best-placed rejected candidate, in one.
Reason WhyNothing(const Decision& decision);

}  // namespace paddock

#endif  // PADDOCK_CORE_RUBRIC_DECISION_H_
