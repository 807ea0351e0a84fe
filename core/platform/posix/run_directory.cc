#include "core/platform/posix/run_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/lease_directory.h"

namespace paddock {
namespace {

constexpr char kPrefix[] = "run.";

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

std::vector<std::string> CollectBelow(int parent, const std::string& path) {
  std::vector<std::string> removed;
  for (const std::string& name : NamesIn(parent).value_or(std::vector<std::string>())) {
    if (!absl::StartsWith(name, kPrefix)) continue;
    const UniqueFd directory(OpenOwn(parent, name.c_str()));
    if (!directory.valid() || flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;
    EmptyDirectory(directory.get());
    if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) removed.push_back(absl::StrCat(path, "/", name));
  }
  std::sort(removed.begin(), removed.end());
  return removed;
}

// Held while directories are made or collected below it, so that nobody collects one before its launcher has locked it.
bool Lock(int parent) {
  while (flock(parent, LOCK_EX) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

}  // namespace

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

RunDirectory::RunDirectory(std::string path, UniqueFd parent, UniqueFd directory)
    : path_(std::move(path)),
      name_(path_.c_str() + path_.rfind('/') + 1),
      parent_(std::move(parent)),
      directory_(std::move(directory)) {}

absl::StatusOr<std::unique_ptr<RunDirectory>> RunDirectory::Make(const std::string& parent_path) {
  RETURN_IF_ERROR(MakeStateDirectory(parent_path));
  UniqueFd parent(open(parent_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.valid() || !Lock(parent.get())) return StateError("cannot lock", parent_path, errno);
  CollectBelow(parent.get(), parent_path);
  std::string path = absl::StrCat(parent_path, "/", kPrefix, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return StateError("cannot make the directory", path, errno);
  UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.valid() || flock(directory.get(), LOCK_SH | LOCK_NB) != 0) {
    return StateError("cannot lock", path, errno);
  }
  flock(parent.get(), LOCK_UN);
  return std::unique_ptr<RunDirectory>(new RunDirectory(std::move(path), std::move(parent), std::move(directory)));
}

void RunDirectory::Remove() {
  if (std::exchange(removed_, true)) return;
  EmptyDirectory(directory_.get());
  unlinkat(parent_.get(), name_, AT_REMOVEDIR);
}

std::vector<std::string> CollectRunDirectories(const std::string& path) {
  const UniqueFd parent(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return parent.valid() && Lock(parent.get()) ? CollectBelow(parent.get(), path) : std::vector<std::string>();
}

}  // namespace paddock
