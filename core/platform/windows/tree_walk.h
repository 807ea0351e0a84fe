#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_TREE_WALK_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_TREE_WALK_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"

namespace paddock {

struct TreeEntry {
  const std::string& path;  // below the start, without a leading backslash
  const std::string& name;  // its last component
  bool directory = false;
  bool reparse_point = false;  // never entered
};

struct TreeWalkLimits {
  uint64_t entries = 0;
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

// Visits everything below the directory `start`, which is absolute, directories before what is in them. Enters no
// reparse point. `visit` says for a directory whether to enter it. False if the walk ended at a limit, a directory
// could not be read, or a name of one is no UTF-16, so that nobody could look at it by that name.
bool WalkTreeOfFiles(const std::string& start, const TreeWalkLimits& limits,
                     absl::FunctionRef<bool(const TreeEntry&)> visit);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_TREE_WALK_H_
