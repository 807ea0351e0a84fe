#include "core/platform/posix/lease_placeholder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace paddock {
namespace {

bool IsSameTime(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

int OpenDirectoryExact(const char* path) {
  struct open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

bool MakePlaceholder(PlaceholderKind kind, int parent, const char* name) {
  if (kind == PlaceholderKind::kDirectory) return mkdirat(parent, name, 0755) == 0;
  const int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  constexpr size_t kSize = sizeof(kPlaceholderContent) - 1;
  const bool written =
      kind == PlaceholderKind::kEmpty || write(fd, kPlaceholderContent, kSize) == static_cast<ssize_t>(kSize);
  const int error = written ? 0 : errno;
  close(fd);
  if (!written) unlinkat(parent, name, 0);
  errno = error;
  return written;
}

bool HoldsOwnContent(int parent, const char* name) {
  const int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  const bool holds = HoldsPlaceholderContent(fd);
  close(fd);
  return holds;
}

namespace {

// Errors that tell for certain that there is nothing.
bool MeansGone(int error) { return error == ENOENT || error == ENOTDIR; }

}  // namespace

LentRights::LentRights(int directory) {
  struct stat st = {};
  constexpr mode_t kNeeded = S_IWUSR | S_IXUSR;
  if (directory < 0 || geteuid() == 0 || fstat(directory, &st) != 0 || st.st_uid != geteuid()) return;
  if ((st.st_mode & kNeeded) == kNeeded) return;
  // fchmod refuses an O_PATH descriptor. Without snprintf: the guard runs this after clone.
  char digits[12];
  size_t count = 0;
  for (int rest = directory; count == 0 || rest > 0; rest /= 10) digits[count++] = static_cast<char>('0' + rest % 10);
  strcpy(path_, "/proc/self/fd/");
  char* at = path_ + strlen(path_);
  while (count > 0) *at++ = digits[--count];
  *at = '\0';
  mode_ = st.st_mode & 07777;
  lent_ = chmod(path_, mode_ | kNeeded) == 0;
}

LentRights::~LentRights() {
  if (lent_) chmod(path_, mode_);
}

Removal RemovePlaceholderAt(int parent, const char* name, const PlaceholderIdentity& identity, PlaceholderPool* pool) {
  const LentRights lent(parent);
  struct stat st = {};
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return MeansGone(errno) ? Removal::kGone : Removal::kKept;
  if (st.st_dev != identity.device || st.st_ino != identity.inode) return Removal::kKept;
  if (pool != nullptr) {
    const auto returned = pool->GiveBack(parent, name, st, IsSameTime(st.st_mtim, identity.changed));
    if (returned == PlaceholderPool::Return::kDone) return Removal::kRemoved;
    if (returned == PlaceholderPool::Return::kKept) return Removal::kKept;
  }
  const bool directory = S_ISDIR(st.st_mode);
  const bool ours = directory || (S_ISREG(st.st_mode) && HoldsOwnContent(parent, name));
  return ours && unlinkat(parent, name, directory ? AT_REMOVEDIR : 0) == 0 ? Removal::kRemoved : Removal::kKept;
}

Removal RemovePlaceholder(JournalEntry* entry, PlaceholderPool* pool) {
  char* const slash = strrchr(entry->path, '/');
  *slash = '\0';
  const int parent = OpenDirectoryExact(slash == entry->path ? "/" : entry->path);
  const int error = errno;
  *slash = '/';
  if (parent < 0) return MeansGone(error) || error == ELOOP ? Removal::kGone : Removal::kKept;
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
