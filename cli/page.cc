#include "cli/page.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/escape.h"

namespace paddock::cli {
namespace {

constexpr size_t kGap = 2;
// A last column narrower than this is unreadable: let it run over the page's width instead.
constexpr size_t kNarrowest = 30;
constexpr absl::string_view kReset = "\x1b[0m";

absl::string_view Sequence(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kStrong:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBad:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

void Page::AppendStyled(absl::string_view escaped, Style style) {
  if (!color_ || style == Style::kPlain || escaped.empty()) {
    absl::StrAppend(&text_, escaped);
  } else {
    absl::StrAppend(&text_, Sequence(style), escaped, kReset);
  }
}

void Page::AppendWrapped(size_t column, absl::string_view escaped, Style style) {
  const size_t limit = std::max(kPageWidth, column + kNarrowest);
  size_t at = column;
  std::string line;
  for (const absl::string_view word : absl::StrSplit(escaped, ' ', absl::SkipEmpty())) {
    const size_t width = DisplayWidth(word);
    if (!line.empty() && at + 1 + width > limit) {
      AppendStyled(line, style);
      absl::StrAppend(&text_, "\n", std::string(column, ' '));
      line.clear();
      at = column;
    }
    at += width + (line.empty() ? 0 : 1);
    absl::StrAppend(&line, line.empty() ? "" : " ", word);
  }
  AppendStyled(line, style);
  while (!text_.empty() && text_.back() == ' ') text_.pop_back();
  text_.push_back('\n');
}

void Page::Heading(absl::string_view title) {
  if (!text_.empty()) Blank();
  AppendStyled(Escape(title), Style::kStrong);
  text_.push_back('\n');
}

void Page::Paragraph(size_t indent, absl::string_view text, Style style, absl::string_view lead, Style lead_style) {
  const std::string escaped_lead = Escape(lead);
  text_.append(indent, ' ');
  AppendStyled(escaped_lead, lead_style);
  AppendWrapped(indent + DisplayWidth(escaped_lead), Escape(text), style);
}

void Page::Line(size_t indent, absl::string_view text, Style style, absl::string_view lead, Style lead_style) {
  text_.append(indent, ' ');
  AppendStyled(Escape(lead), lead_style);
  AppendStyled(Escape(text), style);
  text_.push_back('\n');
}

void Page::Table(size_t indent, const std::vector<std::vector<Cell>>& rows) {
  std::vector<size_t> widths;
  for (const std::vector<Cell>& row : rows) {
    if (row.size() > widths.size()) widths.resize(row.size(), 0);
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(Escape(row[i].text)));
  }
  for (const std::vector<Cell>& row : rows) {
    text_.append(indent, ' ');
    size_t column = indent;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string escaped = Escape(row[i].text);
      if (i + 1 == row.size()) {
        AppendWrapped(column, escaped, row[i].style);
        break;
      }
      AppendStyled(escaped, row[i].style);
      text_.append(widths[i] - DisplayWidth(escaped) + kGap, ' ');
      column += widths[i] + kGap;
    }
  }
}

}  // namespace paddock::cli
