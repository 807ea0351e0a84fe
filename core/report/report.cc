#include "core/report/report.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

Json ViolationToJson(const Violation& violation) {
  Json json = {{"evidence", violation.observed ? "observed" : "inferred"}, {"what", violation.what}};
  if (!violation.rule.empty()) json["rule"] = violation.rule;
  return json;
}

Json LeftBehindToJson(const LeftBehind& left) {
  return {{"path", left.path}, {"change", left.change}, {"why", left.why}};
}

Json FallbackToJson(const FallbackStep& step) {
  return {{"backend", ToString(step.backend)}, {"reason", ToJson(step.reason)}};
}

}  // namespace

Json ToJson(const Report& report) {
  const RunResult& result = report.result;
  const bool ran = !report.backend.name.empty();
  Json json = {{"schema", "paddock.report/1"},
               {"command", report.command},
               {"workspace", report.workspace.empty() ? Json(nullptr) : Json(report.workspace)},
               {"outcome", ToJson(result.outcome)},
               {"usage", ToJson(result.usage)},
               {"backend", ran ? Json(ToString(report.backend)) : Json(nullptr)},
               {"rule", report.rule},
               {"why", report.why},
               {"promised", ran ? ToJson(report.promised) : Json(nullptr)}};
  json["unmet"] = JsonArray(report.unmet);
  json["verdicts"] = JsonArray(report.verdicts);
  json["risks"] = JsonArray(report.risks);
  json["applied"] = result.applied;
  json["violations"] = JsonArray(result.violations, ViolationToJson);
  json["left_behind"] = JsonArray(result.left_behind, LeftBehindToJson);
  json["notices"] = result.notices;
  json["fallbacks"] = JsonArray(report.fallbacks, FallbackToJson);
  json["inner"] = report.inner == nullptr ? Json(nullptr) : ToJson(*report.inner);
  return json;
}

}  // namespace paddock
