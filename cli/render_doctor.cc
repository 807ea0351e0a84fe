#include "cli/render_doctor.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/page.h"

namespace paddock::cli {
namespace {

constexpr size_t kIndent = 2;
constexpr size_t kDeeper = 6;

Style StyleOf(Severity severity) { return severity == Severity::kAdvice ? Style::kStrong : Style::kBad; }

std::string EffectText(const Effect& effect) {
  std::vector<std::string> parts;
  if (effect.from.empty() && !effect.to.empty()) {
    parts.push_back(absl::StrCat(effect.to, " could run, where nothing may now"));
  } else if (effect.from != effect.to) {
    parts.push_back(absl::StrCat(effect.to.empty() ? "nothing" : effect.to, " in place of ", effect.from));
  }
  for (const LevelChange& change : effect.levels) {
    parts.push_back(absl::StrCat(GuaranteeName(change.guarantee), " from ", LevelName(change.guarantee, change.from),
                                 " to ", LevelName(change.guarantee, change.to)));
  }
  for (const VerdictChange& change : effect.rules) {
    parts.push_back(absl::StrCat(change.rule, " from ", Name(change.from), " to ", Name(change.to)));
  }
  if (!effect.closes.empty()) {
    parts.push_back(absl::StrCat("no longer possible: ", absl::StrJoin(effect.closes, ", ")));
  }
  return absl::StrJoin(parts, "; ");
}

void AddEffects(const Finding& finding, Page* page) {
  for (const Effect& effect : finding.effects) {
    const std::string options = effect.options.empty() ? "" : absl::StrCat("with ", effect.options, ", ");
    const absl::string_view others = finding.alone ? "" : " (once the other findings are mended as well)";
    page->Paragraph(kIndent, absl::StrCat(options, EffectText(effect), others), Style::kPlain,
                    "would bring: ", Style::kDim);
  }
}

void AddFinding(const Finding& finding, Page* page) {
  page->Paragraph(0, absl::StrCat(finding.found, " (", finding.id, ")"), Style::kStrong,
                  absl::StrCat(Name(finding.severity), ": "), StyleOf(finding.severity));
  if (!finding.source.empty()) page->Paragraph(kIndent, finding.source, Style::kPlain, "seen in: ", Style::kDim);
  AddEffects(finding, page);
  for (const Remedy& remedy : finding.remedies) {
    page->Paragraph(kIndent, remedy.text, Style::kPlain, "remedy: ", Style::kDim);
    for (const std::string& line : remedy.lines) page->Line(kDeeper, line);
  }
  page->Blank();
}

std::string LevelsText(const GuaranteeLevels& levels) {
  return absl::StrJoin(kAllGuarantees, ", ", [&levels](std::string* out, Guarantee guarantee) {
    absl::StrAppend(out, GuaranteeName(guarantee), "=", LevelName(guarantee, levels[guarantee]));
  });
}

void AddReached(const Reached& reached, Page* page) {
  const std::string options = reached.options.empty() ? "" : absl::StrCat("with ", reached.options, ", ");
  const std::string why =
      reached.refusal.has_value() ? absl::StrCat(reached.refusal->detail, " (", reached.refusal->code, ")") : "";
  if (!reached.backend.has_value()) {
    page->Paragraph(kIndent, absl::StrCat(options, "nothing may run: ", why), Style::kBad);
    return;
  }
  page->Paragraph(kIndent, absl::StrCat(options, ToString(*reached.backend), ": ", LevelsText(reached.levels)));
  if (!why.empty()) page->Paragraph(kDeeper, absl::StrCat("this build cannot start it: ", why), Style::kBad);
}

// Other options are worth a line where they lead to another backend.
void AddAllReached(const std::vector<Reached>& now, Page* page) {
  page->Paragraph(0, "Reached now", Style::kStrong);
  for (const Reached& reached : now) {
    if (reached.options.empty() || reached.backend != now.front().backend) AddReached(reached, page);
  }
}

std::string CountText(const std::vector<Finding>& findings) {
  if (findings.empty()) return "No findings: nothing to mend.";
  std::vector<std::string> parts;
  for (const Severity severity : {Severity::kBlocks, Severity::kWeakens, Severity::kAdvice}) {
    const auto count =
        std::count_if(findings.begin(), findings.end(), [=](const Finding& f) { return f.severity == severity; });
    if (count > 0) parts.push_back(absl::StrCat(count, " ", Name(severity)));
  }
  const auto lasting = std::count_if(findings.begin(), findings.end(), [](const Finding& f) { return !f.mendable; });
  return absl::StrCat(findings.size(), findings.size() == 1 ? " finding: " : " findings: ", absl::StrJoin(parts, ", "),
                      lasting == 0 ? "" : absl::StrCat("; ", lasting, " cannot be mended on this host"));
}

}  // namespace

std::string RenderDiagnosis(const Diagnosis& diagnosis, bool color) {
  Page page(color);
  for (const Finding& finding : diagnosis.findings) AddFinding(finding, &page);
  AddAllReached(diagnosis.now, &page);
  page.Blank();
  page.Paragraph(0, CountText(diagnosis.findings), NeedsMending(diagnosis) ? Style::kStrong : Style::kGood);
  return page.text();
}

}  // namespace paddock::cli
