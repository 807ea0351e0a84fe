#include "backends/linux_landlock/launch_watch.h"

#include <fcntl.h>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

constexpr uint64_t kMaxBelow = 20'000;  // entries of one protected directory

bool Same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_mode == b.st_mode && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// A number that is another one, in all likelihood, once anything below the directory is made, changed or removed. ctime
// is among what it is made of, which no process can set back.
uint64_t StateBelow(const std::string& path) {
  const UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.valid()) return 0;
  uint64_t sum = 1;
  const WalkResult walked = WalkDirectory(directory.get(), kMaxBelow, [&sum](const WalkEntry& entry) {
    struct stat st = {};
    if (fstatat(entry.directory_fd, std::string(entry.name).c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) {
      sum += absl::HashOf(entry.path, st.st_ino, st.st_size, st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
    }
    return true;
  });
  return walked.complete ? sum : 0;
}

const char* ChangeOf(bool existed, bool exists) {
  if (!existed) return "created";
  return exists ? "modified" : "removed";
}

}  // namespace

Watch::Watch(const std::vector<WatchedPath>& paths) {
  entries_.reserve(paths.size());
  for (const WatchedPath& path : paths) {
    Entry entry = {&path, false, {}, 0};
    entry.existed = lstat(path.path.c_str(), &entry.before) == 0;
    if (path.deep && entry.existed) entry.below = StateBelow(path.path);
    entries_.push_back(entry);
  }
}

void Watch::Compare(RunResult* result) const {
  for (const Entry& entry : entries_) {
    struct stat now = {};
    const bool exists = lstat(entry.path->path.c_str(), &now) == 0;
    if (!exists && !entry.existed) continue;
    if (entry.path->deep && entry.existed && S_ISDIR(entry.before.st_mode) && entry.below == 0) {
      result->notices.push_back(absl::StrCat(entry.path->path, " cannot be read as a whole, or holds more than ",
                                             kMaxBelow, " entries: what changed in files below it is not known."));
    }
    const bool same_below = entry.below == 0 || StateBelow(entry.path->path) == entry.below;
    if (exists && entry.existed && Same(entry.before, now) && same_below) continue;
    const char* const change = ChangeOf(entry.existed, exists);
    if (entry.path->violation) {
      result->violations.push_back({/*observed=*/false,
                                    absl::StrCat("protected path was ", change, " during the run: ", entry.path->path),
                                    entry.path->rule, entry.path->path});
    } else {
      result->left_behind.push_back({entry.path->path, change, entry.path->why});
    }
  }
}

}  // namespace paddock
