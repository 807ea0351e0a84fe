#include <nlohmann/json.hpp>

#include "core/doctor/doctor.h"

namespace paddock {
namespace {

constexpr char kSchema[] = "paddock.doctor/1";

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json LevelToJson(const LevelChange& change) {
  return {{"guarantee", GuaranteeName(change.guarantee)},
          {"from", LevelName(change.guarantee, change.from)},
          {"to", LevelName(change.guarantee, change.to)}};
}

Json VerdictToJson(const VerdictChange& change) {
  return {{"rule", change.rule}, {"from", Name(change.from)}, {"to", Name(change.to)}};
}

Json EffectToJson(const Effect& effect) {
  return {{"options", effect.options},
          {"backend", {{"from", OrNull(effect.from)}, {"to", OrNull(effect.to)}}},
          {"levels", JsonArray(effect.levels, LevelToJson)},
          {"rules", JsonArray(effect.rules, VerdictToJson)},
          {"closes", effect.closes}};
}

Json RemedyToJson(const Remedy& remedy) { return {{"text", remedy.text}, {"lines", remedy.lines}}; }

Json FindingToJson(const Finding& finding) {
  return {{"id", finding.id},
          {"severity", Name(finding.severity)},
          {"mendable", finding.mendable},
          {"found", finding.found},
          {"source", finding.source},
          {"alone", finding.alone},
          {"effects", JsonArray(finding.effects, EffectToJson)},
          {"remedies", JsonArray(finding.remedies, RemedyToJson)}};
}

Json ReachedToJson(const Reached& reached) {
  const bool runs = reached.backend.has_value();
  return {{"options", reached.options},
          {"backend", runs ? Json(ToString(*reached.backend)) : Json(nullptr)},
          {"levels", runs ? ToJson(reached.levels) : Json(nullptr)},
          {"refusal", reached.refusal.has_value() ? ToJson(*reached.refusal) : Json(nullptr)}};
}

}  // namespace

Json ToJson(const Diagnosis& diagnosis) {
  return {{"schema", kSchema},
          {"needs_mending", NeedsMending(diagnosis)},
          {"now", JsonArray(diagnosis.now, ReachedToJson)},
          {"findings", JsonArray(diagnosis.findings, FindingToJson)}};
}

}  // namespace paddock
