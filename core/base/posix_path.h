#ifndef PADDOCK_CORE_BASE_POSIX_PATH_H_
#define PADDOCK_CORE_BASE_POSIX_PATH_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// POSIX paths as text. Nothing here looks at a file system, so nothing here knows symbolic links: ".." takes back the
// component before it. Paths are bytes; only '/' and NUL are special. "Normal" means: no "." component, no empty one,
// no trailing slash, ".." only at the start of a relative path; "/" and "." are the shortest.

namespace paddock {

bool IsAbsolutePath(absl::string_view path);

// "a//./b/../c/" -> "a/c"; "" -> "."; "/.." -> "/"; "../a" and "a/../../b" keep the leading "..".
std::string NormalizePath(absl::string_view path);

bool IsNormalPath(absl::string_view path);

// `path` seen from `base`: `path` itself if absolute. Normal.
std::string JoinPath(absl::string_view base, absl::string_view path);

// `below` behind the absolute `directory`, as they stand: nothing is made normal, since ".." counts from where links
// lead. An empty `below` is the directory itself.
std::string AppendPath(absl::string_view directory, absl::string_view below);

// True if `path` is `root` or lies below it; both normal. "." holds every relative path that does not start with "..".
bool PathIsWithin(absl::string_view path, absl::string_view root);

// What is left of `path` below `root`, without a leading slash; "" if they are equal. Requires PathIsWithin.
absl::string_view PathBelow(absl::string_view path, absl::string_view root);

// "/a/b" -> "/a"; "/a" -> "/"; "/" -> "/"; "a" -> ".".
absl::string_view ParentPath(absl::string_view path);

// "/a/b" -> "b"; "/" -> "".
absl::string_view PathBasename(absl::string_view path);

// The components of a path, empty ones left out. Views into `path`.
std::vector<absl::string_view> PathComponents(absl::string_view path);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_POSIX_PATH_H_
