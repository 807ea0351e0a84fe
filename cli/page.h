#ifndef PADDOCK_CLI_PAGE_H_
#define PADDOCK_CLI_PAGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace paddock::cli {

enum class Style : unsigned char { kPlain, kStrong, kDim, kGood, kBad };

// Text for people: wrapped at kPageWidth, every piece escaped on its way in (cli/escape.h), coloured or not. The only
// escape sequences of a page are its own.
inline constexpr size_t kPageWidth = 100;

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

class Page {
 public:
  explicit Page(bool color) : color_(color) {}

  // A section's title; an empty line goes before it unless the page is empty.
  void Heading(absl::string_view title);

  // One paragraph, wrapped between words. Its first line begins with `indent` spaces and `lead` (in `lead_style`), the
  // others are aligned with the text of the first. A word too long for a line is not cut: a path stays one piece to
  // copy.
  void Paragraph(size_t indent, absl::string_view text, Style style = Style::kPlain, absl::string_view lead = "",
                 Style lead_style = Style::kPlain);

  // One line, never wrapped: a command to copy.
  void Line(size_t indent, absl::string_view text, Style style = Style::kPlain, absl::string_view lead = "",
            Style lead_style = Style::kPlain);

  // Columns aligned over all rows, two spaces apart; the last column is wrapped within itself.
  void Table(size_t indent, const std::vector<std::vector<Cell>>& rows);

  void Blank() { text_.push_back('\n'); }

  const std::string& text() const { return text_; }

 private:
  void AppendStyled(absl::string_view escaped, Style style);
  // Wraps already escaped text from column `column` on; further lines start at `column`.
  void AppendWrapped(size_t column, absl::string_view escaped, Style style);

  bool color_;
  std::string text_;
};

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_PAGE_H_
