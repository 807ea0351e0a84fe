#include "cli/render_audit.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/page.h"

namespace paddock::cli {
namespace {

using audit::Finding;
using audit::Severity;

constexpr size_t kIndent = 2;
constexpr size_t kDeeper = 4;
// Of one finding; --json lists more.
constexpr size_t kShown = 8;

Style StyleOf(Severity severity) {
  switch (severity) {
    case Severity::kHigh:
      return Style::kBad;
    case Severity::kMedium:
      return Style::kStrong;
    case Severity::kLow:
    case Severity::kInfo:
      return Style::kDim;
  }
  return Style::kPlain;
}

void AddFinding(const Finding& finding, Page* page) {
  page->Blank();
  page->Paragraph(0, absl::StrCat(finding.kind->title, " (", finding.kind->id, ")"), Style::kStrong,
                  absl::StrCat(absl::AsciiStrToUpper(audit::Name(finding.severity)), " "), StyleOf(finding.severity));
  const size_t shown = std::min(finding.paths.size(), kShown);
  for (size_t i = 0; i < shown; ++i) {
    const audit::FindingPath& path = finding.paths[i];
    page->Paragraph(kDeeper, absl::StrCat(path.path, path.note.empty() ? "" : ": ", path.note), Style::kPlain, "- ");
  }
  uint64_t told = 0;
  for (size_t i = 0; i < shown; ++i) told += finding.paths[i].count;
  if (finding.count > told) {
    page->Paragraph(kDeeper,
                    absl::StrCat("and ", finding.count - told, " more (--json lists up to ", audit::kMaxListed, ")"),
                    Style::kDim);
  }
  page->Paragraph(kIndent, finding.kind->why, Style::kPlain, "why: ", Style::kDim);
  if (!finding.detail.empty()) page->Paragraph(kIndent, finding.detail, Style::kPlain, "here: ", Style::kDim);
  if (!finding.kind->remedy.empty()) {
    page->Paragraph(kIndent, finding.kind->remedy, Style::kPlain, "remedy: ", Style::kDim);
  }
  for (const std::string& command : finding.commands) page->Line(kDeeper, command, Style::kPlain, "$ ", Style::kDim);
}

}  // namespace

std::string RenderAudit(const audit::AuditReport& report, bool color) {
  Page page(color);
  const audit::Summary summary = audit::Summarize(report.findings);
  const bool strong = summary.high + summary.medium > 0;
  page.Paragraph(0,
                 strong ? absl::StrCat("Weak spots: ", summary.high, " high, ", summary.medium, " medium; ",
                                       summary.low, " low, ", summary.info, " to know.")
                        : absl::StrCat("No weak spot of high or medium severity; ", summary.low, " low, ", summary.info,
                                       " to know."),
                 strong ? Style::kBad : Style::kGood);
  page.Paragraph(0,
                 report.model ? report.model->statement
                              : absl::StrCat("looked at ", report.scan.entries, " entries below ", report.workspace,
                                             ", read ", report.scan.files_read, " files; judged for ",
                                             report.backend.empty()
                                                 ? "no sandbox, since none could be planned: as if nothing were hidden"
                                                 : report.backend),
                 Style::kDim);
  for (const Finding& finding : report.findings) AddFinding(finding, &page);
  return page.text();
}

}  // namespace paddock::cli
