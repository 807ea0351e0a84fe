#include "backends/linux_landlock/launch_watch.h"

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

bool Same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_mode == b.st_mode && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

const char* ChangeOf(bool existed, bool exists) {
  if (!existed) return "created";
  return exists ? "modified" : "removed";
}

}  // namespace

Watch::Watch(const std::vector<WatchedPath>& paths) {
  entries_.reserve(paths.size());
  for (const WatchedPath& path : paths) {
    Entry entry = {&path, false, {}};
    entry.existed = lstat(path.path.c_str(), &entry.before) == 0;
    entries_.push_back(entry);
  }
}

void Watch::Compare(RunResult* result) const {
  for (const Entry& entry : entries_) {
    struct stat now = {};
    const bool exists = lstat(entry.path->path.c_str(), &now) == 0;
    if (!exists && !entry.existed) continue;
    if (exists && entry.existed && Same(entry.before, now)) continue;
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
