#include "core/platform/posix/remove_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

// Renaming a directory takes the right to write to it, as reading takes that to read.
bool OpenUp(int parent, const char* name) {
  struct stat st = {};
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (!S_ISDIR(st.st_mode)) {
    errno = ENOTDIR;
    return false;
  }
  return (st.st_mode & 0700) == 0700 || fchmodat(parent, name, 0700, 0) == 0;
}

UniqueFd OpenDirectory(int parent, const char* name) {
  if (!OpenUp(parent, name)) return UniqueFd();
  return UniqueFd(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Moves directories to the top of the tree that is being removed, under names that are free there.
class Top {
 public:
  explicit Top(int directory) : directory_(directory) {}
  int directory() const { return directory_; }

  bool TakeUp(int parent, const char* name) {
    if (!OpenUp(parent, name)) return false;
    for (;;) {
      char free_name[40];
      snprintf(free_name, sizeof(free_name), ".up-%llu", ++moved_);
      if (renameat2(parent, name, directory_, free_name, RENAME_NOREPLACE) == 0) return true;
      if (errno != EEXIST) return false;
    }
  }

 private:
  int directory_;
  unsigned long long moved_ = 0;
};

// Empties the directory `name` of the top, and removes it: what has something in it moves up and is next.
bool RemoveLevel(Top& top, const char* name) {
  const UniqueFd level = OpenDirectory(top.directory(), name);
  const auto entries = level.valid() ? NamesIn(level.get()) : std::nullopt;
  if (!entries) return false;
  for (const std::string& entry : *entries) {
    if (unlinkat(level.get(), entry.c_str(), 0) == 0 || unlinkat(level.get(), entry.c_str(), AT_REMOVEDIR) == 0)
      continue;
    if (!top.TakeUp(level.get(), entry.c_str())) return false;
  }
  return unlinkat(top.directory(), name, AT_REMOVEDIR) == 0;
}

}  // namespace

bool RemoveTree(int parent, const char* name) {
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
  const UniqueFd root = OpenDirectory(parent, name);
  if (!root.valid()) return false;
  Top top(root.get());
  for (;;) {
    const auto names = NamesIn(root.get());
    if (!names) return false;
    if (names->empty()) return unlinkat(parent, name, AT_REMOVEDIR) == 0;
    for (const std::string& entry : *names) {
      if (unlinkat(root.get(), entry.c_str(), 0) == 0) continue;
      if (!RemoveLevel(top, entry.c_str())) return false;
    }
  }
}

}  // namespace paddock
