#ifndef PADDOCK_CORE_RUBRIC_RUBRIC_H_
#define PADDOCK_CORE_RUBRIC_RUBRIC_H_

#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/rubric/decision.h"

// The selection rules: one table, walked top to bottom (rules.cc). docs/rubric.md is generated from it.

namespace paddock {

// One rule. `when` is a pure predicate; every rule that matches adds its backends, first mention wins; `stop` hides the
// rules below.
struct Rule {
  std::string id;
  std::string when_text;
  bool (*when)(const Request& request, const Facts& facts);
  std::vector<BackendRef> adds;
  bool stop = false;
  std::string why;
  std::string reason_if_empty;  // reason code when the rule adds nothing
};

const std::vector<Rule>& Rules();

// Ranks `backends` for `request` on the host that `facts` describe. Pure and thread-safe.
Decision Evaluate(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts);

// The Markdown of docs/rubric.md's tables.
std::string RulesAsMarkdown();

}  // namespace paddock

#endif  // PADDOCK_CORE_RUBRIC_RUBRIC_H_
