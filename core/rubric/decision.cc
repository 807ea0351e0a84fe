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

Reason WhyNothing(const Decision& decision) {
  auto best = std::find_if(decision.rejected.begin(), decision.rejected.end(),
                           [](const Rejection& r) { return !r.rule.empty() && !r.reasons.empty(); });
  if (best == decision.rejected.end()) {
    best = std::find_if(decision.rejected.begin(), decision.rejected.end(),
                        [](const Rejection& r) { return !r.reasons.empty(); });
  }
  if (best == decision.rejected.end()) {
    return MakeReason("no_rule", "no backend was ranked for this request on this host");
  }
  Reason reason = best->reasons.front();
  reason.detail = absl::StrCat(ToString(best->backend), ": ", reason.detail);
  for (size_t i = 1; i < best->reasons.size(); ++i) {
    absl::StrAppend(&reason.detail, "; ", best->reasons[i].detail, " (", best->reasons[i].code, ")");
  }
  return reason;
}

}  // namespace paddock
