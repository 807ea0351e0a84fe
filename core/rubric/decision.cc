#include "core/rubric/decision.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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

Json ConditionToJson(const ConditionResult& result) {
  return {{"condition", std::string(Name(result.condition))},
          {"meets", std::string(Name(result.meets))},
          {"detail", result.detail}};
}

Json CandidateToJson(const Candidate& candidate) {
  const auto unmet = [&candidate](const Requirement& asked) -> Json {
    return {{"guarantee", std::string(GuaranteeName(asked.guarantee))},
            {"asked", std::string(LevelName(asked.guarantee, asked.level))},
            {"reached", std::string(LevelName(asked.guarantee, candidate.reached[asked.guarantee]))}};
  };
  return {{"backend", ToString(candidate.backend)},
          {"rule", candidate.rule},
          {"why", candidate.why},
          {"moved_by_requirement", candidate.moved_by_requirement},
          {"reached", ToJson(candidate.reached)},
          {"unmet", ArrayOf(candidate.unmet, unmet)},
          {"weakened_by", ArrayOf(candidate.weakened_by, ReasonToJson)},
          {"risks", ArrayOf(candidate.risks, [](const Risk& risk) { return ToJson(risk); })},
          {"conditions", ArrayOf(candidate.conditions, ConditionToJson)}};
}

Json RejectionToJson(const Rejection& rejection) {
  return {{"backend", ToString(rejection.backend)},
          {"rule", rejection.rule},
          {"reasons", ArrayOf(rejection.reasons, ReasonToJson)},
          {"conditions", ArrayOf(rejection.conditions, ConditionToJson)}};
}

}  // namespace

Json ToJson(const Decision& decision) {
  return {{"schema", "paddock.decision/1"},
          {"matched_rules", decision.matched_rules},
          {"ranked", ArrayOf(decision.ranked, CandidateToJson)},
          {"rejected", ArrayOf(decision.rejected, RejectionToJson)},
          {"hints", decision.hints}};
}

}  // namespace paddock
