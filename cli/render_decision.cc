#include "cli/render_decision.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/page.h"

namespace paddock::cli {
namespace {

constexpr size_t kIndent = 2;
constexpr size_t kDeeper = 6;

std::string Remedy(const Reason& reason) {
  if (!reason.remedy.empty()) return reason.remedy;
  const ReasonCode* row = FindReasonCode(reason.code);
  return row == nullptr ? "" : std::string(row->remedy);
}

std::string WithCode(const Reason& reason) {
  return reason.detail.empty() ? reason.code : absl::StrCat(reason.detail, " (", reason.code, ")");
}

void AddReason(const Reason& reason, size_t indent, Page* page) {
  page->Paragraph(indent, WithCode(reason));
  const std::string remedy = Remedy(reason);
  if (!remedy.empty()) page->Paragraph(indent, remedy, Style::kPlain, "remedy: ", Style::kDim);
}

std::string ConditionsLine(const std::vector<ConditionResult>& conditions) {
  return absl::StrJoin(conditions, ", ", [](std::string* out, const ConditionResult& condition) {
    absl::StrAppend(out, Name(condition.condition), "=", Name(condition.meets));
    if (condition.meets != Meets::kYes && !condition.detail.empty()) absl::StrAppend(out, " (", condition.detail, ")");
  });
}

void AddSentence(const Explanation& e, Page* page) {
  if (e.decision.ranked.empty()) {
    page->Paragraph(0, "Nothing may run: no backend can serve this request on this host.", Style::kBad);
    return;
  }
  const Candidate& first = e.decision.ranked.front();
  const std::string name = ToString(first.backend);
  if (NotInBuild(e)) {
    page->Paragraph(0, absl::StrCat(name, " is the choice, but this build cannot plan or launch it."), Style::kStrong);
    AddReason(*e.refusal, kIndent, page);
  } else if (e.refusal.has_value()) {
    page->Paragraph(0, absl::StrCat("Nothing would run: ", name, " is the choice, and it refuses this request."),
                    Style::kBad);
    AddReason(*e.refusal, kIndent, page);
  } else if (first.unmet.empty()) {
    page->Paragraph(0, absl::StrCat(name, " would run this, and reaches everything that was asked."), Style::kGood);
  } else {
    page->Paragraph(0, absl::StrCat(name, " would run this; it does not reach everything that was preferred."),
                    Style::kStrong);
  }
}

void AddWhy(const Explanation& e, Page* page) {
  page->Heading("Why");
  const std::vector<Candidate>& ranked = e.decision.ranked;
  if (ranked.empty()) {
    page->Paragraph(kIndent, e.decision.matched_rules.empty()
                                 ? std::string("no rule matches this workload on this host")
                                 : absl::StrCat("rules that match: ", absl::StrJoin(e.decision.matched_rules, ", "),
                                                "; what they add is rejected below"));
    return;
  }
  for (size_t i = 0; i < ranked.size(); ++i) {
    const Candidate& candidate = ranked[i];
    page->Paragraph(kIndent,
                    absl::StrCat(ToString(candidate.backend), ", by rule ", candidate.rule, ": ", candidate.why),
                    Style::kPlain, absl::StrCat(i + 1, ". "), Style::kStrong);
    if (candidate.moved_by_requirement) page->Paragraph(kDeeper, "moved up: a requirement rejects a better-placed one");
    if (!candidate.conditions.empty()) page->Paragraph(kDeeper, ConditionsLine(candidate.conditions), Style::kDim);
  }
  if (ranked.size() > 1) page->Paragraph(kIndent, "Each is tried only if the one before turns out to be unavailable.");
}

// Consecutive backends that are rejected for the same reasons ("runs on Windows hosts only") share one entry.
void AddRejected(const std::vector<Rejection>& rejected, Page* page) {
  if (rejected.empty()) return;
  page->Heading("Rejected");
  for (auto first = rejected.begin(); first != rejected.end();) {
    const auto last = std::find_if(first, rejected.end(), [&](const Rejection& r) {
      return r.reasons != first->reasons || r.rule != first->rule;
    });
    const std::string names = absl::StrJoin(
        first, last, ", ", [](std::string* out, const Rejection& r) { out->append(ToString(r.backend)); });
    const std::string rule = first->rule.empty() ? "" : absl::StrCat("(added by rule ", first->rule, ")");
    page->Paragraph(kIndent, rule, Style::kDim, absl::StrCat(names, rule.empty() ? "" : " "), Style::kStrong);
    for (const Reason& reason : first->reasons) AddReason(reason, kDeeper, page);
    const bool several = last - first > 1;
    for (; first != last; ++first) {
      if (first->conditions.empty()) continue;
      page->Paragraph(kDeeper, ConditionsLine(first->conditions), Style::kDim,
                      several ? absl::StrCat(ToString(first->backend), ": ") : "", Style::kDim);
    }
  }
}

std::vector<Cell> GuaranteeRow(Guarantee guarantee, const Explanation& e, const GuaranteeLevels& reached) {
  const Level level = reached[guarantee];
  const std::vector<Requirement>& asked = e.request.policy.requirements;
  const auto wanted =
      std::find_if(asked.begin(), asked.end(), [=](const Requirement& r) { return r.guarantee == guarantee; });
  const std::string name(GuaranteeName(guarantee)), got(LevelName(guarantee, level));
  if (wanted == asked.end()) return {{name}, {"-", Style::kDim}, {got}, {"", Style::kPlain}};
  const bool met = level >= wanted->level;
  return {{name},
          {absl::StrCat(LevelName(guarantee, wanted->level), wanted->required ? " (required)" : " (preferred)")},
          {got},
          {met ? "met" : "NOT MET", met ? Style::kGood : Style::kBad}};
}

void AddGuarantees(const Explanation& e, Page* page) {
  if (e.decision.ranked.empty()) return;
  const Candidate& first = e.decision.ranked.front();
  page->Heading(absl::StrCat("Guarantees of ", ToString(first.backend)));
  std::vector<std::vector<Cell>> rows = {
      {{"guarantee", Style::kDim}, {"asked", Style::kDim}, {"reached", Style::kDim}, {""}}};
  const GuaranteeLevels& reached = e.plan == nullptr ? first.reached : e.plan->promised;
  for (const Guarantee guarantee : kAllGuarantees) rows.push_back(GuaranteeRow(guarantee, e, reached));
  page->Table(kIndent, rows);
}

void AddWeakenedBy(const Explanation& e, Page* page) {
  if (e.decision.ranked.empty() || e.decision.ranked.front().weakened_by.empty()) return;
  page->Heading("What holds it down on this host");
  for (const Reason& reason : e.decision.ranked.front().weakened_by) AddReason(reason, kIndent, page);
}

void AddVerdicts(const LaunchPlan& plan, Page* page) {
  const auto full = std::count_if(plan.verdicts.begin(), plan.verdicts.end(),
                                  [](const RuleVerdict& v) { return v.verdict == Verdict::kEnforced; });
  page->Heading("Rules of the policy");
  page->Paragraph(kIndent, absl::StrCat(full, " of ", plan.verdicts.size(), " are enforced as written",
                                        static_cast<size_t>(full) == plan.verdicts.size() ? "." : "; these are not:"));
  for (const RuleVerdict& verdict : plan.verdicts) {
    if (verdict.verdict == Verdict::kEnforced) continue;
    page->Paragraph(kIndent,
                    absl::StrCat(verdict.rule, ": ", verdict.missing.empty() ? verdict.mechanism : verdict.missing),
                    Style::kPlain, absl::StrCat(Name(verdict.verdict), " "), Style::kBad);
  }
}

void AddRisks(const std::vector<Risk>& risks, Page* page) {
  if (risks.empty()) return;
  page->Heading("What stays possible all the same");
  for (const Risk& risk : risks)
    page->Paragraph(kIndent, absl::StrCat(risk.detail, " (", risk.code, ")"), Style::kPlain, "- ");
}

}  // namespace

bool NotInBuild(const Explanation& explanation) {
  return explanation.refusal.has_value() && explanation.refusal->code == "plan_not_in_build";
}

std::string RenderExplanation(const Explanation& explanation, bool color) {
  Page page(color);
  AddSentence(explanation, &page);
  AddWhy(explanation, &page);
  AddRejected(explanation.decision.rejected, &page);
  AddGuarantees(explanation, &page);
  AddWeakenedBy(explanation, &page);
  if (explanation.plan != nullptr) AddVerdicts(*explanation.plan, &page);
  if (explanation.plan != nullptr) {
    AddRisks(explanation.plan->risks, &page);
  } else if (!explanation.decision.ranked.empty()) {
    AddRisks(explanation.decision.ranked.front().risks, &page);
  }
  if (!explanation.decision.hints.empty()) {
    page.Heading("Hints");
    for (const std::string& hint : explanation.decision.hints) page.Paragraph(kIndent, hint, Style::kPlain, "- ");
  }
  return page.text();
}

}  // namespace paddock::cli
