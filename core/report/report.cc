#include "core/report/report.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

template <typename T, typename F>
Json ArrayOf(const std::vector<T>& items, F to_json) {
  Json array = Json::array();
  for (const T& item : items) array.push_back(to_json(item));
  return array;
}

Json ReasonToJson(const Reason& reason) {
  return {{"code", reason.code}, {"detail", reason.detail}, {"remedy", reason.remedy}};
}

Json RequirementToJson(const Requirement& requirement) {
  return {{"guarantee", std::string(GuaranteeName(requirement.guarantee))},
          {"level", std::string(LevelName(requirement.guarantee, requirement.level))},
          {"required", requirement.required}};
}

Json ViolationToJson(const Violation& violation) {
  Json json = {{"evidence", violation.observed ? "observed" : "inferred"}, {"what", violation.what}};
  if (!violation.rule.empty()) json["rule"] = violation.rule;
  return json;
}

Json LeftBehindToJson(const LeftBehind& left) {
  return {{"path", left.path}, {"change", left.change}, {"why", left.why}};
}

Json FallbackToJson(const FallbackStep& step) {
  return {{"backend", ToString(step.backend)}, {"reason", ReasonToJson(step.reason)}};
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
  json["unmet"] = ArrayOf(report.unmet, RequirementToJson);
  json["verdicts"] = ArrayOf(report.verdicts, [](const RuleVerdict& verdict) { return ToJson(verdict); });
  json["risks"] = ArrayOf(report.risks, [](const Risk& risk) { return ToJson(risk); });
  json["applied"] = result.applied;
  json["violations"] = ArrayOf(result.violations, ViolationToJson);
  json["left_behind"] = ArrayOf(result.left_behind, LeftBehindToJson);
  json["notices"] = result.notices;
  json["fallbacks"] = ArrayOf(report.fallbacks, FallbackToJson);
  json["inner"] = report.inner == nullptr ? Json(nullptr) : ToJson(*report.inner);
  return json;
}

}  // namespace paddock
