#include "core/plan/launch_plan.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace paddock {

std::string ToString(const BackendRef& ref) {
  return ref.tier.empty() ? ref.name : absl::StrCat(ref.name, ":", ref.tier);
}

BackendRef ParseBackendRef(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

absl::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kEnforced:
      return "enforced";
    case Verdict::kApproximated:
      return "approximated";
    case Verdict::kNotEnforced:
      return "not-enforced";
  }
  return "not-enforced";
}

Json ToJson(const RuleVerdict& verdict) {
  Json json = {
      {"rule", verdict.rule}, {"verdict", std::string(Name(verdict.verdict))}, {"mechanism", verdict.mechanism}};
  if (!verdict.missing.empty()) json["missing"] = verdict.missing;
  return json;
}

Json ToJson(const Risk& risk) { return {{"code", risk.code}, {"detail", risk.detail}}; }

Json ToJson(const LaunchPlan& plan) {
  Json json = {{"schema", "paddock.plan/1"}, {"backend", ToString(plan.backend)}, {"promised", ToJson(plan.promised)}};
  json["verdicts"] = JsonArray(plan.verdicts);
  json["risks"] = JsonArray(plan.risks);
  json["leases"] = JsonArray(plan.leases, [](const PlannedLease& lease) {
    return Json{{"kind", lease.kind}, {"path", lease.path}};
  });
  json["body"] = plan.body == nullptr ? Json(nullptr) : plan.body->ToJson();
  return json;
}

}  // namespace paddock
