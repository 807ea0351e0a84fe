#include "core/platform/posix/lease_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "core/platform/posix/lease_directory.h"

namespace paddock {
namespace {

constexpr int kSlots = 24;  // of each kind
constexpr char kJournalSlot[] = "journal";
constexpr std::chrono::hours kUnused{24 * 30};

// "da", "db", ...; of the other kinds "ca" and "ea".
struct SlotName {
  SlotName(PlaceholderKind kind, int slot)
      : text{"dce"[static_cast<size_t>(kind)], static_cast<char>('a' + slot), '\0'} {}
  char text[3];
};

int Move(int from, const char* name, int to, const char* new_name) {
  return static_cast<int>(syscall(SYS_renameat2, from, name, to, new_name, RENAME_NOREPLACE));
}

bool IsEmptyDirectory(int fd) {
  alignas(8) char entries[512];
  // "." and ".." alone fit into one call, and take 48 bytes of it.
  return syscall(SYS_getdents64, fd, entries, sizeof(entries)) == 48;
}

// True if it is still `expected`, and as it was made: mode, owner and attributes too, and under no second name. One
// that was only pinned, not covered, was the command's to change.
bool IsPristine(int parent, const char* name, const struct stat& expected) {
  const int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat st = {};
  bool pristine = fstat(fd, &st) == 0 && st.st_dev == expected.st_dev && st.st_ino == expected.st_ino &&
                  st.st_uid == geteuid() && flistxattr(fd, nullptr, 0) <= 0;
  if (S_ISDIR(st.st_mode)) {
    pristine = pristine && (st.st_mode & 07777) == 0755 && IsEmptyDirectory(fd);
  } else {
    pristine = pristine && S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0644 && st.st_nlink == 1 &&
               st.st_size == expected.st_size && HoldsPlaceholderContent(fd);
  }
  close(fd);
  return pristine;
}

PlaceholderKind KindOf(const struct stat& st) {
  if (S_ISDIR(st.st_mode)) return PlaceholderKind::kDirectory;
  return st.st_size == 0 ? PlaceholderKind::kEmpty : PlaceholderKind::kContent;
}

void RemovePool(int leases, const std::string& name) {
  const int pool = openat(leases, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (pool < 0) return;
  for (const std::string& slot : NamesIn(pool).value_or(std::vector<std::string>())) {
    if (unlinkat(pool, slot.c_str(), AT_REMOVEDIR) != 0 && errno == ENOTDIR) unlinkat(pool, slot.c_str(), 0);
  }
  close(pool);
  unlinkat(leases, name.c_str(), AT_REMOVEDIR);
}

}  // namespace

bool HoldsPlaceholderContent(int fd) {
  char content[sizeof(kPlaceholderContent)];
  const ssize_t size = read(fd, content, sizeof(content));
  if (size == 0) return true;
  return size == static_cast<ssize_t>(sizeof(kPlaceholderContent) - 1) &&
         memcmp(content, kPlaceholderContent, static_cast<size_t>(size)) == 0;
}

PlaceholderPool::PlaceholderPool(int leases, const char* name)
    : leases_(leases), directory_(openat(leases, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), name_(name) {}

PlaceholderPool::~PlaceholderPool() {
  if (directory_ >= 0) close(directory_);
}

void PlaceholderPool::Make() const {
  if (directory_ >= 0) return;
  Prune(leases_, kUnused);
  mkdirat(leases_, name_, 0700);
}

void PlaceholderPool::Prune(int leases, std::chrono::seconds unused_for) {
  const time_t now = time(nullptr);
  for (const std::string& name : NamesIn(leases).value_or(std::vector<std::string>())) {
    struct stat st = {};
    if (!absl::EndsWith(name, kPoolSuffix) || fstatat(leases, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (unused_for.count() == 0 || now - st.st_mtime >= unused_for.count()) RemovePool(leases, name);
  }
}

bool PlaceholderPool::Take(PlaceholderKind kind, int parent, const char* name) {
  int& next = take_[static_cast<size_t>(kind)];
  while (directory_ >= 0 && next < kSlots) {
    const SlotName slot(kind, next++);
    if (Move(directory_, slot.text, parent, name) == 0) return true;
    if (errno == EXDEV) next = kSlots;
    if (errno != ENOENT) return false;
  }
  return false;
}

PlaceholderPool::Return PlaceholderPool::GiveBack(int parent, const char* name, const struct stat& st, bool untouched) {
  if (directory_ < 0 || (!untouched && !IsPristine(parent, name, st))) return Return::kUnable;
  const PlaceholderKind kind = KindOf(st);
  int& next = give_[static_cast<size_t>(kind)];
  while (next < kSlots) {
    const SlotName slot(kind, next++);
    if (Move(parent, name, directory_, slot.text) != 0) {
      if (errno == EEXIST) continue;
      next = kSlots;
      return Return::kUnable;
    }
    if (IsPristine(directory_, slot.text, st)) return Return::kDone;
    // It goes back; if its name is taken again by now, it is at least no slot of the pool.
    if (Move(directory_, slot.text, parent, name) == 0) return Return::kUnable;
    char found[32];
    snprintf(found, sizeof(found), "found-%llu", static_cast<unsigned long long>(st.st_ino));
    Move(directory_, slot.text, leases_, found);
    return Return::kKept;
  }
  return Return::kUnable;
}

bool PlaceholderPool::TakeJournal(const char* name) const {
  return directory_ >= 0 && Move(directory_, kJournalSlot, leases_, name) == 0;
}

bool PlaceholderPool::GiveBackJournal(const char* name) const {
  return directory_ >= 0 && Move(leases_, name, directory_, kJournalSlot) == 0;
}

}  // namespace paddock
