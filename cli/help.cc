#include "cli/help.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/page.h"

namespace paddock::cli {
namespace {

constexpr size_t kIndent = 2;

void AddLines(absl::string_view title, const std::vector<HelpLine>& lines, Page* page) {
  if (lines.empty()) return;
  page->Heading(title);
  std::vector<std::vector<Cell>> rows;
  for (const HelpLine& line : lines) rows.push_back({{std::string(line.left)}, {std::string(line.right)}});
  page->Table(kIndent, rows);
}

// "-q,--quiet" → "-q, --quiet"; "--wall" → "    --wall TIME": long names are aligned.
std::string OptionName(const OptionRow& row) {
  const std::string names = absl::StartsWith(row.names, "--") ? absl::StrCat("    ", row.names)
                                                              : absl::StrReplaceAll(row.names, {{",", ", "}});
  return row.value.empty() ? names : absl::StrCat(names, " ", row.value);
}

}  // namespace

std::string RenderHelp(const HelpText& help, const std::vector<OptionRow>& rows, bool color) {
  Page page(color);
  page.Paragraph(0, help.usage, Style::kPlain, "usage: ", Style::kStrong);
  page.Blank();
  page.Paragraph(0, help.about);
  AddLines("Commands", help.commands, &page);
  for (size_t first = 0; first < rows.size();) {
    page.Heading(rows[first].group);
    std::vector<std::vector<Cell>> cells;
    size_t i = first;
    for (; i < rows.size() && rows[i].group == rows[first].group; ++i) {
      cells.push_back({{OptionName(rows[i])}, {OptionHelp(rows[i])}});
    }
    page.Table(kIndent, cells);
    first = i;
  }
  AddLines("Examples", help.examples, &page);
  AddLines("Exit status", help.statuses, &page);
  return page.text();
}

std::string OptionHelp(const OptionRow& row) {
  if (row.values == nullptr) return std::string(row.help);
  return absl::StrReplaceAll(row.help, {{"{values}", absl::StrJoin(row.values(), ", ")}});
}

OptionRow JsonRow(bool* target) { return {"Output", "--json", "", "print JSON, stable and versioned", target}; }
OptionRow HelpRow(bool* target) { return {"Help", "-h,--help", "", "print this and exit", target}; }

}  // namespace paddock::cli
