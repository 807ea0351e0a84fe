#ifndef PADDOCK_CORE_POLICY_PATH_ENTRY_H_
#define PADDOCK_CORE_POLICY_PATH_ENTRY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Paths as a policy writes them: "." and "src" (relative to the workspace), "~/.ssh", "/opt/x", "C:\x". Text alone.

namespace paddock {

// `text` in canonical form: lexically normal, no slash at the end. Errors, which quote `text`: empty, NUL, ".." that
// leaves its root, "~user", "$VAR", a URL, blanks at either end, backslashes in a relative path, and, where `globs` is
// false, wildcards; where it is true, character classes and braces, which would silently match nothing.
absl::StatusOr<std::string> CheckPathText(absl::string_view text, bool globs);

// What a path relative to the workspace or to the home directory is compared with; empty where unknown.
struct PathRoots {
  std::string workspace;
  std::string home;
};

// True if `path` is `root` or lies below it, as far as text can tell; both canonical. `root` may be a glob: then it
// covers what it matches, and what lies below. False where the two are written differently and `roots` cannot tell.
bool PathCovers(absl::string_view root, absl::string_view path, const PathRoots& roots);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_PATH_ENTRY_H_
