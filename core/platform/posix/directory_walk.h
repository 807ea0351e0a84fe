#ifndef PADDOCK_CORE_PLATFORM_POSIX_DIRECTORY_WALK_H_
#define PADDOCK_CORE_PLATFORM_POSIX_DIRECTORY_WALK_H_

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"

namespace paddock {

struct WalkEntry {
  absl::string_view path;  // below the start, without a leading slash; may be longer than PATH_MAX
  absl::string_view name;  // its last component
  bool is_directory = false;
  int directory_fd = -1;  // of the directory that holds it
};

struct WalkResult {
  uint64_t entries = 0;       // seen, directories included
  uint64_t root_entries = 0;  // directly in the start
  // False if the walk ended at the bound, if something changed under its feet, or if a directory that belongs to the
  // caller may not be read: its owner can open it to himself at any time. Directories of others that may not be read
  // are left out without a word: a sandbox of the same user cannot read them either.
  bool complete = true;
};

// Visits everything below the directory `start_fd`, which stays the caller's, in no particular order. Never follows a
// symbolic link. Enters other file systems mounted below, but not those of the kernel (procfs, sysfs, cgroups and the
// like). Uses no recursion and a bounded number of descriptors, whatever the depth. `visit` is called for each entry,
// and says for a directory whether to enter it. Ends after `max_entries`. `entered` is called for the start ("") and
// each directory entered, with its path and its state before it is read.
WalkResult WalkDirectory(
    int start_fd, uint64_t max_entries, absl::FunctionRef<bool(const WalkEntry&)> visit,
    absl::FunctionRef<void(absl::string_view, const struct stat&)> entered = [](absl::string_view, const struct stat&) {
    });

// The state of what `entry` is to git when it looks for ".git" in that directory; nullopt if that is not this entry.
// ".GIT" counts too, where the file system ignores case.
std::optional<struct stat> FindGit(const WalkEntry& entry);

// Nanoseconds since the epoch.
int64_t Nanoseconds(const timespec& time);

// What identifies the entry at `path`, and when it was last changed.
SeenEntry Seen(absl::string_view path, const struct stat& status);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_DIRECTORY_WALK_H_
