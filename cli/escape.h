#ifndef PADDOCK_CLI_ESCAPE_H_
#define PADDOCK_CLI_ESCAPE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace paddock::cli {

// `text` with everything that could steer a terminal, a log or a reader's eye made visible. File names, arguments and
// messages of the system come from the sandboxed side as much as from the user, so nothing of them reaches a terminal
// unless it went through here. What changes:
//   - \n, \r, \t become those two characters; other C0 bytes and DEL, and each byte that is no UTF-8, become \xNN;
//   - C1 controls, bidirectional and zero-width marks, line separators, tags and noncharacters become \u{NNNN}.
// A backslash stays as it is (Windows paths are full of them): the result is to be read, not to be parsed back.
std::string Escape(absl::string_view text);

// Columns that escaped text takes on a terminal: one for each code point.
size_t DisplayWidth(absl::string_view escaped);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_ESCAPE_H_
