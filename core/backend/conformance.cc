#include "core/backend/conformance.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/backend/policy_rules.h"

namespace paddock {
namespace {

// Names stand in files, flags and reports: lower case, digits, underscores.
bool IsName(absl::string_view text) {
  return !text.empty() && absl::ascii_islower(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_'; });
}

bool Same(const ConditionResult& a, const ConditionResult& b) {
  return a.condition == b.condition && a.meets == b.meets && a.detail == b.detail;
}

bool Same(const Assessment& a, const Assessment& b) {
  return a.blockers == b.blockers && a.reached == b.reached && a.weakened_by == b.weakened_by && a.risks == b.risks &&
         std::equal(a.conditions.begin(), a.conditions.end(), b.conditions.begin(), b.conditions.end(),
                    [](const ConditionResult& x, const ConditionResult& y) { return Same(x, y); });
}

class Conformance {
 public:
  Conformance(const Backend& backend, std::string tier, const Request& request, const Facts& facts)
      : backend_(backend), tier_(std::move(tier)), request_(request), facts_(facts) {}

  std::vector<std::string> Run() && {
    const Assessment assessment = backend_.Assess(tier_, request_, facts_);
    CheckAssessment(assessment);
    CheckPlan(assessment);
    return std::move(faults_);
  }

 private:
  void Fault(absl::string_view what) {
    faults_.push_back(absl::StrCat(ToString(BackendRef{backend_.info().name, tier_}), ": ", what));
  }

  void CheckReason(const Reason& reason, absl::string_view where) {
    const bool own = absl::StartsWith(reason.code, absl::StrCat(backend_.info().name, "_"));
    if (FindReasonCode(reason.code) == nullptr && !(own && IsName(reason.code))) {
      Fault(absl::StrCat(where, ": '", reason.code,
                         "' is neither a known reason code nor begins with the backend's name"));
    }
    if (reason.detail.empty()) Fault(absl::StrCat(where, ": ", reason.code, " says nothing about this host"));
    if (reason.remedy.empty()) Fault(absl::StrCat(where, ": ", reason.code, " has no remedy"));
  }

  void CheckRisks(const std::vector<Risk>& risks, absl::string_view where) {
    std::set<std::string> codes;
    for (const Risk& risk : risks) {
      if (!IsName(risk.code)) Fault(absl::StrCat(where, ": '", risk.code, "' is no code of a risk"));
      if (risk.detail.empty()) Fault(absl::StrCat(where, ": the risk ", risk.code, " is not described"));
      if (!codes.insert(risk.code).second) Fault(absl::StrCat(where, ": the risk ", risk.code, " is told twice"));
    }
  }

  void CheckAssessment(const Assessment& assessment) {
    if (!Same(assessment, backend_.Assess(tier_, request_, facts_)))
      Fault("Assess answers differently when asked again");
    for (const Guarantee guarantee : kAllGuarantees) {
      if (assessment.reached[guarantee] < LevelCount(guarantee)) continue;
      Fault(absl::StrCat("Assess reaches a level of ", GuaranteeName(guarantee), " that does not exist"));
    }
    for (const Reason& reason : assessment.blockers) CheckReason(reason, "blocker");
    for (const Reason& reason : assessment.weakened_by) CheckReason(reason, "weakened by");
    CheckRisks(assessment.risks, "Assess");
    const std::vector<Condition> all = {Condition::kOpenBinaries, Condition::kHostWorkspace, Condition::kNoAdmin,
                                        Condition::kTree};
    const auto& told = assessment.conditions;
    const bool in_order = std::equal(told.begin(), told.end(), all.begin(), all.end(),
                                     [](const ConditionResult& result, Condition c) { return result.condition == c; });
    if (!in_order) Fault("Assess does not tell the four conditions in order");
    for (const ConditionResult& result : told) {
      if (result.detail.empty()) Fault(absl::StrCat("the condition ", Name(result.condition), " has no detail"));
    }
    if (assessment.usable() && backend_.info().os != facts_.host.os) Fault("usable on a host of another system");
  }

  void CheckPlan(const Assessment& assessment) {
    const auto plan = backend_.Plan(tier_, request_, facts_);
    const auto again = backend_.Plan(tier_, request_, facts_);
    if (plan.status() != again.status()) return Fault("Plan answers differently when asked again");
    if (!plan.ok()) return CheckRefusal(plan.status());
    if (!assessment.usable()) {
      Fault(absl::StrCat("plans although Assess is blocked by ", assessment.blockers.front().code));
    }
    if (plan->backend != BackendRef{backend_.info().name, tier_}) {
      Fault(absl::StrCat("the plan is for ", ToString(plan->backend)));
    }
    CheckPromise(assessment.reached, plan->promised);
    CheckVerdicts(plan->verdicts);
    CheckRisks(plan->risks, "Plan");
    if (plan->body == nullptr) return Fault("the plan has no body");
    if (!faults_.empty()) return;  // a level that does not exist has no name to print
    if (DumpJson(ToJson(*plan)) != DumpJson(ToJson(*again))) Fault("the plan's JSON differs when planned again");
  }

  void CheckRefusal(const absl::Status& status) {
    const std::optional<Reason> reason = ReasonOf(status);
    if (!reason.has_value()) return Fault(absl::StrCat("Plan refuses without a reason: ", status.ToString()));
    CheckReason(*reason, "Plan");
  }

  void CheckPromise(const GuaranteeLevels& reached, const GuaranteeLevels& promised) {
    for (const Guarantee guarantee : kAllGuarantees) {
      if (promised[guarantee] == reached[guarantee] || reached[guarantee] >= LevelCount(guarantee)) continue;
      if (promised[guarantee] >= LevelCount(guarantee)) {
        Fault(absl::StrCat("the plan promises a level of ", GuaranteeName(guarantee), " that does not exist"));
        continue;
      }
      Fault(absl::StrCat("the plan promises ", GuaranteeName(guarantee), "=", LevelName(guarantee, promised[guarantee]),
                         ", Assess reaches ", LevelName(guarantee, reached[guarantee])));
    }
  }

  void CheckVerdicts(const std::vector<RuleVerdict>& verdicts) {
    std::map<std::string, int> count;
    for (const RuleVerdict& verdict : verdicts) {
      if (++count[verdict.rule] == 2) Fault(absl::StrCat("more than one verdict on ", verdict.rule));
      if (verdict.mechanism.empty()) Fault(absl::StrCat("the verdict on ", verdict.rule, " names no mechanism"));
      if ((verdict.verdict == Verdict::kEnforced) != verdict.missing.empty()) {
        Fault(absl::StrCat(verdict.rule, ": ", Name(verdict.verdict),
                           verdict.missing.empty() ? ", and not said what is missing" : ", and something is missing"));
      }
    }
    for (const std::string& rule : PolicyRules(request_)) {
      if (!count.contains(rule)) Fault(absl::StrCat("no verdict on ", rule));
    }
  }

  const Backend& backend_;
  const std::string tier_;
  const Request& request_;
  const Facts& facts_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> ConformanceFaults(const Backend& backend, const Request& request, const Facts& facts) {
  const BackendInfo& info = backend.info();
  std::vector<std::string> faults;
  const std::set<std::string> tiers(info.tiers.begin(), info.tiers.end());
  const bool names = IsName(info.name) && std::all_of(tiers.begin(), tiers.end(), IsName);
  if (!names) faults.push_back(absl::StrCat("'", info.name, "' or one of its tiers is no name"));
  if (tiers.size() != info.tiers.size()) faults.push_back(absl::StrCat(info.name, " has a tier twice"));
  if (info.summary.empty()) faults.push_back(absl::StrCat(info.name, " has no summary"));
  for (const std::string& tier : info.tiers.empty() ? std::vector<std::string>{""} : info.tiers) {
    for (std::string& fault : Conformance(backend, tier, request, facts).Run()) faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace paddock
