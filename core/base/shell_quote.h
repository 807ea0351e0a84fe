#ifndef PADDOCK_CORE_BASE_SHELL_QUOTE_H_
#define PADDOCK_CORE_BASE_SHELL_QUOTE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace paddock {

// `text` as one word of a POSIX shell, in single quotes, in which only the quote itself is special.
std::string ShellQuote(absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_SHELL_QUOTE_H_
