#include "core/platform/posix/lease_placeholder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/platform/posix/lease.h"

namespace paddock {
namespace {

constexpr char kPool[] = "pool";
constexpr int kPoolSlots = 24;

// The names of the pool's slots: "a", "b", and so on.
struct SlotName {
  explicit SlotName(int slot) : text{static_cast<char>('a' + slot), '\0'} {}
  char text[2];
};

int Move(int from, const char* name, int to, const char* new_name) {
  return static_cast<int>(syscall(SYS_renameat2, from, name, to, new_name, RENAME_NOREPLACE));
}

bool IsSame(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

bool IsSameTime(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// True for a directory as mkdir made it, and as empty. One that was only pinned, not covered, was the command's to
// change: its mode or attributes must not come back in another workspace.
bool IsPristine(int parent, const char* name, const struct stat& expected) {
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  alignas(8) char entries[512];
  struct stat st = {};
  // "." and ".." alone fit into one call, and take 48 bytes of it.
  const bool pristine = fstat(fd, &st) == 0 && IsSame(st, expected) &&
                        syscall(SYS_getdents64, fd, entries, sizeof(entries)) == 48 && (st.st_mode & 07777) == 0755 &&
                        st.st_uid == geteuid() && flistxattr(fd, nullptr, 0) <= 0;
  close(fd);
  return pristine;
}

Removal RemoveDirectory(int parent, const char* name, const struct stat& st, const PlaceholderIdentity& identity,
                        PlaceholderPool* pool) {
  const bool untouched = IsSameTime(st.st_mtim, identity.changed);
  if (pool != nullptr && (untouched || IsPristine(parent, name, st))) {
    const PlaceholderPool::Return returned = pool->GiveBack(parent, name, st);
    if (returned == PlaceholderPool::Return::kDone) return Removal::kRemoved;
    if (returned == PlaceholderPool::Return::kKept) return Removal::kKept;
  }
  return unlinkat(parent, name, AT_REMOVEDIR) == 0 ? Removal::kRemoved : Removal::kKept;
}

}  // namespace

int OpenDirectoryExact(const char* path) {
  struct open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

PlaceholderPool::PlaceholderPool(int leases)
    : leases_(leases), directory_(openat(leases, kPool, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {}

PlaceholderPool::~PlaceholderPool() {
  if (directory_ >= 0) close(directory_);
}

void PlaceholderPool::Make() const {
  if (directory_ < 0) mkdirat(leases_, kPool, 0700);
}

bool PlaceholderPool::Take(int parent, const char* name) {
  while (directory_ >= 0 && take_ < kPoolSlots) {
    const SlotName slot(take_++);
    if (Move(directory_, slot.text, parent, name) == 0) return true;
    if (errno == EXDEV) take_ = kPoolSlots;
    if (errno != ENOENT) return false;
  }
  return false;
}

PlaceholderPool::Return PlaceholderPool::GiveBack(int parent, const char* name, const struct stat& st) {
  while (directory_ >= 0 && give_ < kPoolSlots) {
    const SlotName slot(give_++);
    if (Move(parent, name, directory_, slot.text) != 0) {
      if (errno == EEXIST) continue;
      give_ = kPoolSlots;
      return Return::kUnable;
    }
    if (IsPristine(directory_, slot.text, st)) return Return::kDone;
    // It goes back; if its name is taken again by now, it is at least no slot of the pool.
    if (Move(directory_, slot.text, parent, name) != 0) {
      char found[32];
      snprintf(found, sizeof(found), "found-%llu", static_cast<unsigned long long>(st.st_ino));
      Move(directory_, slot.text, leases_, found);
    }
    // Empty, but changed: not for another workspace.
    return unlinkat(parent, name, AT_REMOVEDIR) == 0 ? Return::kDone : Return::kKept;
  }
  return Return::kUnable;
}

bool HoldsOwnContent(int parent, const char* name) {
  const int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  char content[sizeof(kPlaceholderContent) + 1];
  const ssize_t size = read(fd, content, sizeof(content));
  close(fd);
  if (size == 0) return true;
  return size == static_cast<ssize_t>(sizeof(kPlaceholderContent) - 1) &&
         memcmp(content, kPlaceholderContent, static_cast<size_t>(size)) == 0;
}

Removal RemovePlaceholderAt(int parent, const char* name, const PlaceholderIdentity& identity, PlaceholderPool* pool) {
  struct stat st = {};
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return Removal::kGone;
  if (st.st_dev != identity.device || st.st_ino != identity.inode) return Removal::kKept;
  if (S_ISDIR(st.st_mode)) return RemoveDirectory(parent, name, st, identity, pool);
  const bool removed = S_ISREG(st.st_mode) && HoldsOwnContent(parent, name) && unlinkat(parent, name, 0) == 0;
  return removed ? Removal::kRemoved : Removal::kKept;
}

Removal RemovePlaceholder(JournalEntry* entry, PlaceholderPool* pool) {
  char* const slash = strrchr(entry->path, '/');
  *slash = '\0';
  const int parent = OpenDirectoryExact(slash == entry->path ? "/" : entry->path);
  *slash = '/';
  if (parent < 0) return Removal::kGone;
  const Removal result = RemovePlaceholderAt(parent, slash + 1, {entry->device, entry->inode, {}}, pool);
  close(parent);
  return result;
}

bool IsOfKind(const struct stat& st, bool file) { return file ? S_ISREG(st.st_mode) : S_ISDIR(st.st_mode); }

bool AdoptUnrecorded(JournalEntry* entry) {
  struct stat st = {};
  if (lstat(entry->path, &st) != 0 || !IsOfKind(st, entry->file)) return false;
  entry->device = st.st_dev;
  entry->inode = st.st_ino;
  return true;
}

}  // namespace paddock
