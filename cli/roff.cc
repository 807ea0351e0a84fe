#include "cli/roff.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace paddock::cli {
namespace {

// Characters of which troff would make typography, or a command (groff_char(7)).
std::string Literal(absl::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '~':
        result += "\\(ti";
        break;
      default:
        result.push_back(c);
    }
  }
  return result;
}

// The same for prose, where a hyphen inside of a word stays one.
std::string Prose(absl::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool inside = i > 0 && absl::ascii_isalnum(static_cast<unsigned char>(text[i - 1]));
    if (text[i] == '-' && inside) {
      result.push_back('-');
    } else {
      result += Literal(text.substr(i, 1));
    }
  }
  return result;
}

std::string Inline(absl::string_view text) {
  std::string result;
  bool code = false;
  for (const absl::string_view part : absl::StrSplit(text, '`')) {
    absl::StrAppend(&result, code ? absl::StrCat("\\fB", Literal(part), "\\fR") : Prose(part));
    code = !code;
  }
  return result;
}

// A line that begins with a dot or a quote would be a request.
std::string Line(absl::string_view escaped) {
  const bool request = absl::StartsWith(escaped, ".") || absl::StartsWith(escaped, "'");
  return absl::StrCat(request ? "\\&" : "", escaped, "\n");
}

// A sentence a line, which is how troff tells the end of one.
std::string Sentences(absl::string_view text) {
  std::string result;
  const std::string escaped = Inline(text);
  size_t start = 0;
  for (size_t end; (end = escaped.find(". ", start)) != std::string::npos; start = end + 2) {
    result += Line(absl::string_view(escaped).substr(start, end + 1 - start));
  }
  return result + Line(absl::string_view(escaped).substr(start));
}

}  // namespace

ManualPage::ManualPage(absl::string_view name, int section, absl::string_view summary, absl::string_view date,
                       absl::string_view version) {
  text_ = absl::StrCat(".TH ", Literal(absl::AsciiStrToUpper(name)), " ", section, " ", date, " \"paddock ", version,
                       "\" \"Paddock Manual\"\n.nh\n.ad l\n.SH NAME\n", Literal(name), " \\- ", Prose(summary), "\n");
}

void ManualPage::Section(absl::string_view title) {
  absl::StrAppend(&text_, ".SH ", Literal(absl::AsciiStrToUpper(title)), "\n");
  fresh_ = true;
}

void ManualPage::Subsection(absl::string_view title) {
  absl::StrAppend(&text_, ".SS ", Prose(title), "\n");
  fresh_ = true;
}

void ManualPage::Break() {
  if (!fresh_) absl::StrAppend(&text_, ".PP\n");
  fresh_ = false;
}

void ManualPage::Paragraph(absl::string_view text) {
  Break();
  text_ += Sentences(text);
}

void ManualPage::Item(absl::string_view term, absl::string_view after, absl::string_view text) {
  fresh_ = false;
  absl::StrAppend(&text_, ".TP\n", Line(absl::StrCat("\\fB", Literal(term), "\\fR", Literal(after))), Sentences(text));
}

void ManualPage::ItemContinued(absl::string_view text) { absl::StrAppend(&text_, ".IP\n", Sentences(text)); }

void ManualPage::Example(absl::string_view lines) {
  Break();
  absl::StrAppend(&text_, ".RS 4\n.EX\n");
  for (const absl::string_view line : absl::StrSplit(lines, '\n')) absl::StrAppend(&text_, Line(Literal(line)));
  absl::StrAppend(&text_, ".EE\n.RE\n");
}

}  // namespace paddock::cli
