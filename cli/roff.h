#ifndef PADDOCK_CLI_ROFF_H_
#define PADDOCK_CLI_ROFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace paddock::cli {

// A page in the language of man(7). What goes in is plain text: nothing in it is taken for a request or an escape. A
// part between backticks (`--json`) is set in bold and to the letter.
class ManualPage {
 public:
  // `date` is YYYY-MM-DD.
  ManualPage(absl::string_view name, int section, absl::string_view summary, absl::string_view date,
             absl::string_view version);

  void Section(absl::string_view title);
  void Subsection(absl::string_view title);
  void Paragraph(absl::string_view text);
  // A term in bold, what follows it plain, and the text that explains it, indented.
  void Item(absl::string_view term, absl::string_view after, absl::string_view text);
  // One more paragraph of the last Item.
  void ItemContinued(absl::string_view text);
  // Lines to the letter.
  void Example(absl::string_view lines);

  const std::string& text() const { return text_; }

 private:
  // Begins a paragraph, which needs no request right after a title.
  void Break();

  std::string text_;
  bool fresh_ = false;  // nothing since the last title
};

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_ROFF_H_
