#include "core/rubric/decision.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace paddock {
namespace {

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
          {"unmet", JsonArray(candidate.unmet, unmet)},
          {"weakened_by", JsonArray(candidate.weakened_by)},
          {"risks", JsonArray(candidate.risks)},
          {"conditions", JsonArray(candidate.conditions, ConditionToJson)}};
}

Json RejectionToJson(const Rejection& rejection) {
  return {{"backend", ToString(rejection.backend)},
          {"rule", rejection.rule},
          {"reasons", JsonArray(rejection.reasons)},
          {"conditions", JsonArray(rejection.conditions, ConditionToJson)}};
}

}  // namespace

Json ToJson(const Decision& decision) {
  return {{"schema", "paddock.decision/1"},
          {"matched_rules", decision.matched_rules},
          {"ranked", JsonArray(decision.ranked, CandidateToJson)},
          {"rejected", JsonArray(decision.rejected, RejectionToJson)},
          {"hints", decision.hints}};
}

}  // namespace paddock
