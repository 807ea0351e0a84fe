#ifndef PADDOCK_CORE_BASE_SYSTEM_PLACES_H_
#define PADDOCK_CORE_BASE_SYSTEM_PLACES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// Directories of an operating system, in which nobody's checkout lies: a grant to write there is refused.

namespace paddock {

struct FoundSystemPlace {
  absl::string_view path;  // of the directory; on Windows below the root of its drive. Static
  bool tree = true;        // all below it is the system's, too; else the directory itself alone
  std::string doubt;       // Windows: why it is not certain that the path lies there; empty if it is
};

// The place that `path`, absolute and normal, is or lies in.
std::optional<FoundSystemPlace> FindPosixSystemPlace(absl::string_view path);

// On whichever drive, or share of a whole drive: the system's has no fixed letter. Of a path that may be in several
// places, the first.
std::optional<FoundSystemPlace> FindWindowsSystemPlace(absl::string_view path);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_SYSTEM_PLACES_H_
