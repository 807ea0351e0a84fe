#ifndef PADDOCK_CORE_BASE_GLOB_H_
#define PADDOCK_CORE_BASE_GLOB_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Patterns over absolute POSIX paths, as the policy writes them.
//
//   *      any bytes of one name, a leading dot included
//   ?      one character of a name (one UTF-8 sequence, else one byte)
//   **     as a whole component: any number of directories, none included
//   [*] [?] [[]   the character itself
//
// Everything else stands for itself: there are no character classes and no braces, because "[id]" and "{a}" are names
// that exist in real checkouts. Matching takes at most |pattern| * |path| steps, whatever an attacker calls a file.

namespace paddock {

// True if `text` holds an unquoted * or ?.
bool HasGlob(absl::string_view text);

// `literal` so written that the pattern matches it alone.
std::string EscapeGlob(absl::string_view literal);

// The inverse for a pattern without a wildcard: "a[*]b" -> "a*b".
std::string UnescapeGlob(absl::string_view pattern);

class Glob {
 public:
  // `pattern` must be absolute and normal (posix_path.h). InvalidArgument if it is not, or if "**" is a part of a
  // component ("a**b").
  static absl::StatusOr<Glob> Compile(absl::string_view pattern);

  // `path` is absolute and normal.
  bool Matches(absl::string_view path) const;

  // True if some path strictly below `directory` could match: a walk may skip the directory otherwise. Never false by
  // mistake.
  bool MayMatchBelow(absl::string_view directory) const;

  // The deepest directory that holds every match, where a walk starts: "/ws" for "/ws/**/.env". "/" at least.
  const std::string& literal_prefix() const { return literal_prefix_; }

  const std::string& pattern() const { return pattern_; }

 private:
  Glob() = default;

  std::string pattern_;
  std::vector<std::string> components_;
  std::string literal_prefix_;
  std::string literal_name_;  // the last component, unescaped, if it holds no wildcard: a cheap first check
};

// True if `pattern`, in which * stands for any bytes and nothing else is special, matches all of `text`. At most
// |pattern| * |text| steps.
bool WildcardMatch(absl::string_view pattern, absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_GLOB_H_
