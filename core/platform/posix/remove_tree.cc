#include "core/platform/posix/remove_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace paddock {
namespace {

bool IsDots(const char* name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

// "PREFIX" and the number, in decimal.
void WriteName(const char* prefix, uint64_t number, char* out) {
  char digits[24];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  const size_t length = strlen(prefix);
  memcpy(out, prefix, length);
  for (out += length; count > 0; ++out) *out = digits[--count];
  *out = '\0';
}

// Opens a directory for reading whatever its mode is: by its owner, and through no link.
int OpenOwn(int parent, const char* name) {
  const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int pinned = openat(parent, name, flags | O_PATH);
  if (pinned < 0) return -1;
  char path[48];
  WriteName("/proc/self/fd/", static_cast<uint64_t>(pinned), path);
  chmod(path, 0700);
  close(pinned);
  return openat(parent, name, flags | O_RDONLY);
}

// Calls `visit` with each name in `directory`, from the start; the number of names.
template <typename Visitor>
size_t ForEachName(int directory, Visitor visit) {
  alignas(dirent64) char buffer[4096];
  size_t count = 0;
  lseek(directory, 0, SEEK_SET);
  for (;;) {
    const long size = syscall(SYS_getdents64, directory, buffer, sizeof(buffer));
    if (size <= 0) return count;
    for (long at = 0; at < size;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      if (IsDots(entry->d_name)) continue;
      ++count;
      visit(entry->d_name);
    }
  }
}

bool Unlink(int directory, const char* name) {
  return unlinkat(directory, name, 0) == 0 || unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

// Moves the directories in `name` up to `top`, removes its files, and then itself. A tree of any depth is taken away
// level by level so.
bool Hoist(int top, const char* name, uint64_t* number) {
  const int directory = OpenOwn(top, name);
  if (directory < 0) return false;
  bool moved = false;
  ForEachName(directory, [&](const char* inner) {
    if (Unlink(directory, inner)) return;
    // A directory is moved only by who may write it, since its ".." changes.
    const int open = OpenOwn(directory, inner);
    if (open < 0) return;
    close(open);
    char fresh[48];
    do {
      WriteName(".hoisted-", (*number)++, fresh);
    } while (renameat(directory, inner, top, fresh) != 0 &&
             (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR));
    moved = true;
  });
  close(directory);
  return unlinkat(top, name, AT_REMOVEDIR) == 0 || moved;
}

// False, with errno, if something is left.
bool EmptyDirectory(int directory) {
  uint64_t number = 0;
  for (;;) {
    bool progress = false;
    const size_t names = ForEachName(directory, [&](const char* name) {
      progress = Unlink(directory, name) || Hoist(directory, name, &number) || progress;
    });
    if (names == 0) return true;
    if (!progress) return false;
  }
}

}  // namespace

bool RemoveTree(int parent, const char* name) {
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
  const int root = OpenOwn(parent, name);
  if (root < 0) return false;
  const bool empty = EmptyDirectory(root);
  const int error = errno;
  close(root);
  errno = error;
  return empty && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

}  // namespace paddock
