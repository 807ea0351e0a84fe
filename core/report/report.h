#ifndef PADDOCK_CORE_REPORT_REPORT_H_
#define PADDOCK_CORE_REPORT_REPORT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/json.h"
#include "core/plan/launch_plan.h"
#include "core/report/outcome.h"

namespace paddock {

// One candidate that was tried and could not be used.
struct FallbackStep {
  BackendRef backend;
  Reason reason;
};

// What happened, by what was applied: never more than was enforced.
struct Report {
  std::vector<std::string> command;
  std::string workspace;
  RunResult result;
  BackendRef backend;  // empty name: nothing ran
  std::string rule;    // the rubric's rule that placed it
  std::string why;
  GuaranteeLevels promised;
  std::vector<Requirement> unmet;
  std::vector<RuleVerdict> verdicts;
  std::vector<Risk> risks;
  std::vector<FallbackStep> fallbacks;
  std::shared_ptr<const Report> inner;  // a relay's far report
};

// The inverse of ToJson, for the report of a relay, which is anybody's until it has been looked at: unknown, missing
// and contradicting keys are errors, and so is an `inner` of its own. InvalidArgument, beginning with `source`.
absl::StatusOr<Report> ReportFromJson(const Json& json, absl::string_view source);

// Schema "paddock.report/1", published as docs/schema/report.schema.json.
Json ToJson(const Report& report);

}  // namespace paddock

#endif  // PADDOCK_CORE_REPORT_REPORT_H_
