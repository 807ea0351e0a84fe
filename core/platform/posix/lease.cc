#include "core/platform/posix/lease.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr char kHeader[] = "paddock-lease 1 ";
constexpr char kMutex[] = "mutex";
constexpr char kJournalSuffix[] = ".journal";
constexpr char kLockSuffix[] = ".lock";
constexpr char kBrokenSuffix[] = ".broken";
// Empty directories that wait for their next use: moving one into a workspace and back takes a quarter of the time of
// mkdir and rmdir (ext4), and a run has ten of them. Only within one file system.
constexpr char kPool[] = "pool";
constexpr int kPoolSlots = 24;
// More placeholders than this in one workspace are refused; Release() reads the journal into a buffer of this size.
constexpr size_t kMaxJournal = 256u << 10;

// ---- One journal line: "+ d PATH" (about to be made), "= DEVICE INODE PATH" (made), "! PATH" (was there already).
// PATH is percent-encoded, so that a line is a line whatever a name holds.

std::string Encode(absl::string_view path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == '%' || byte >= 0x7f) {
      absl::StrAppend(&out, "%", absl::Hex(byte, absl::kZeroPad2));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Decodes `size` bytes at `text` into `out` (PATH_MAX); false if they are no encoded absolute path.
bool Decode(const char* text, size_t size, char* out) {
  size_t length = 0;
  for (size_t i = 0; i < size; ++i) {
    if (length + 1 >= PATH_MAX) return false;
    if (text[i] != '%') {
      out[length++] = text[i];
      continue;
    }
    if (i + 2 >= size) return false;
    const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0 || high * 16 + low == 0) return false;
    out[length++] = static_cast<char>(high * 16 + low);
    i += 2;
  }
  out[length] = '\0';
  return length > 1 && out[0] == '/';
}

struct Entry {
  bool made = false, file = false, foreign = false;
  unsigned long long device = 0, inode = 0;
  char path[PATH_MAX];
};

bool ParseLine(const char* line, size_t size, Entry* entry) {
  entry->made = entry->file = entry->foreign = false;
  entry->device = entry->inode = 0;
  if (size < 3 || line[1] != ' ') return false;
  const char* at = line + 2;
  const char* const end = line + size;
  if (line[0] == '+') {
    if (size < 5 || (*at != 'd' && *at != 'f') || at[1] != ' ') return false;
    entry->file = *at == 'f';
    at += 2;
  } else if (line[0] == '=') {
    entry->made = true;
    char* rest = nullptr;
    entry->device = strtoull(at, &rest, 10);
    if (rest == at || *rest != ' ') return false;
    at = rest + 1;
    entry->inode = strtoull(at, &rest, 10);
    if (rest == at || *rest != ' ') return false;
    at = rest + 1;
  } else if (line[0] == '!') {
    entry->foreign = true;
  } else {
    return false;
  }
  return at < end && Decode(at, static_cast<size_t>(end - at), entry->path);
}

// ---- Removal: system calls only.

int OpenDirectoryExact(const char* path) {
  struct open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

// Nothing yet counts too: a crash may come between making the file and writing to it.
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

struct SlotName {
  explicit SlotName(int slot) : text{static_cast<char>('a' + slot), '\0'} {}
  char text[2];
};

int OpenPool(int leases) { return openat(leases, kPool, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

int Move(int from, const char* name, int to, const char* new_name) {
  return static_cast<int>(syscall(SYS_renameat2, from, name, to, new_name, RENAME_NOREPLACE));
}

// True for a directory as mkdir made it. One that was only pinned, not covered, was the command's to change: its mode
// or attributes must not come back in another workspace.
bool IsPristine(int parent, const char* name) {
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  alignas(8) char entries[512];
  struct stat st = {};
  // "." and ".." alone fit into one call, and take 48 bytes of it.
  const bool pristine = syscall(SYS_getdents64, fd, entries, sizeof(entries)) == 48 && fstat(fd, &st) == 0 &&
                        (st.st_mode & 07777) == 0755 && st.st_uid == geteuid() && flistxattr(fd, nullptr, 0) <= 0;
  close(fd);
  return pristine;
}

// Back to the pool, or away for good. False if it is not empty: somebody put something there.
bool TakeDirectory(int parent, const char* name, int pool) {
  if (pool >= 0 && IsPristine(parent, name)) {
    for (int slot = 0; slot < kPoolSlots; ++slot) {
      const SlotName free(slot);
      if (Move(parent, name, pool, free.text) != 0) {
        if (errno == EEXIST) continue;
        break;
      }
      if (IsPristine(pool, free.text)) return true;
      return Move(pool, free.text, parent, name) != 0;
    }
  }
  return unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

enum class Removal { kRemoved, kGone, kKept };

// `pool`: a directory for reuse, or -1.
Removal RemovePlaceholder(Entry* entry, int pool) {
  char* const slash = strrchr(entry->path, '/');
  *slash = '\0';
  const int parent = OpenDirectoryExact(slash == entry->path ? "/" : entry->path);
  *slash = '/';
  if (parent < 0) return Removal::kGone;
  const char* const name = slash + 1;
  struct stat st = {};
  Removal result = Removal::kKept;
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
    result = Removal::kGone;
  } else if (st.st_dev == entry->device && st.st_ino == entry->inode) {
    if (S_ISDIR(st.st_mode) && TakeDirectory(parent, name, pool)) result = Removal::kRemoved;
    if (S_ISREG(st.st_mode) && HoldsOwnContent(parent, name) && unlinkat(parent, name, 0) == 0)
      result = Removal::kRemoved;
  }
  close(parent);
  return result;
}

// Calls `visit` for each well-formed line of the journal in `text`, last first, so that what was made inside something
// else goes before it. False if a line is malformed; a torn last line (no newline) is not, it never took effect.
template <typename Visit>
bool ForEachEntryBackwards(const char* text, size_t size, Visit visit) {
  static_assert(sizeof(kHeader) > 1);
  while (size > 0 && text[size - 1] != '\n') --size;
  bool well_formed = true;
  size_t end = size;
  while (end > 0) {
    size_t begin = end - 1;
    while (begin > 0 && text[begin - 1] != '\n') --begin;
    if (begin == 0) break;  // the header
    Entry entry;
    if (ParseLine(text + begin, end - 1 - begin, &entry)) {
      visit(&entry);
    } else {
      well_formed = false;
    }
    end = begin;
  }
  return well_formed;
}

ssize_t ReadJournal(int directory, const char* name, char* buffer, size_t size) {
  const int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  size_t got = 0;
  for (ssize_t n; got < size && (n = read(fd, buffer + got, size - got)) > 0;) got += static_cast<size_t>(n);
  close(fd);
  return static_cast<ssize_t>(got);
}

// What a journal says of one path.
struct Known {
  bool intended = false, made = false, foreign = false;
};

Known KnownOf(const char* text, size_t size, const char* path) {
  Known known;
  ForEachEntryBackwards(text, size, [&](Entry* entry) {
    if (strcmp(entry->path, path) != 0) return;
    known.made |= entry->made;
    known.foreign |= entry->foreign;
    known.intended |= !entry->made && !entry->foreign;
  });
  return known;
}

// An intent without an inode is the trace of a crash between making and recording. What stands there is taken for ours
// if it is of the intended type; removal takes it away only if it is as empty as it was made.
bool AdoptUnrecorded(Entry* entry) {
  struct stat st = {};
  if (lstat(entry->path, &st) != 0 || !(entry->file ? S_ISREG(st.st_mode) : S_ISDIR(st.st_mode))) return false;
  entry->device = st.st_dev;
  entry->inode = st.st_ino;
  return true;
}

template <typename Report>
bool RemoveAll(const char* text, size_t size, int pool, Report report) {
  return ForEachEntryBackwards(text, size, [&](Entry* entry) {
    if (entry->foreign) return;
    if (!entry->made) {
      const Known known = KnownOf(text, size, entry->path);
      if (known.made || known.foreign || !AdoptUnrecorded(entry)) return;
    }
    report(entry->path, RemovePlaceholder(entry, pool));
  });
}

absl::Status StateError(absl::string_view what, absl::string_view path, int error) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "state_dir_unusable",
                     absl::StrCat(what, " ", path, ": ", strerror(error)));
}

absl::Status MakeDirectories(const std::string& path) {
  for (size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return StateError("cannot make the directory", part, errno);
    if (at == std::string::npos) return absl::OkStatus();
  }
}

// The directory of the leases with its mutex held; both are let go with the object.
struct Locked {
  UniqueFd directory, mutex;
};

absl::StatusOr<Locked> LockLeases(const std::string& state_dir) {
  const std::string path = state_dir + "/leases";
  Locked locked;
  locked.directory.reset(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!locked.directory.valid()) return StateError("cannot open", path, errno);
  locked.mutex.reset(openat(locked.directory.get(), kMutex, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!locked.mutex.valid()) return StateError("cannot open", path + "/mutex", errno);
  while (flock(locked.mutex.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return StateError("cannot lock", path + "/mutex", errno);
  }
  return locked;
}

absl::Status Append(int fd, const std::string& text, absl::string_view what) {
  const ssize_t written = write(fd, text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return absl::OkStatus();
  return StateError("cannot write", what, written < 0 ? errno : ENOSPC);
}

}  // namespace

std::string LeaseKey(unsigned long long device, unsigned long long inode) {
  return absl::StrCat(absl::Hex(device), "-", absl::Hex(inode));
}

absl::StatusOr<std::unique_ptr<WorkspaceLease>> WorkspaceLease::Acquire(const std::string& state_dir,
                                                                        const std::string& key) {
  auto lease = std::unique_ptr<WorkspaceLease>(new WorkspaceLease);
  absl::StatusOr<Locked> locked = LockLeases(state_dir);
  if (!locked.ok()) {  // the first run of this user
    RETURN_IF_ERROR(MakeDirectories(state_dir + "/leases"));
    locked = LockLeases(state_dir);
  }
  if (!locked.ok()) return locked.status();
  lease->lock_name_ = key + kLockSuffix;
  lease->journal_name_ = key + kJournalSuffix;
  lease->broken_name_ = lease->journal_name_ + kBrokenSuffix;
  lease->directory_ = std::move(locked->directory);
  lease->buffer_size_ = kMaxJournal;
  lease->buffer_ = std::unique_ptr<char[]>(new char[kMaxJournal]);
  lease->lock_.reset(
      openat(lease->directory(), lease->lock_name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  // Nobody holds it: a journal is a crashed run's, and is undone before its traces are taken for the user's.
  if (lease->lock_.valid() && flock(lease->lock(), LOCK_EX | LOCK_NB) == 0) lease->Undo();
  if (!lease->lock_.valid() || flock(lease->lock(), LOCK_SH | LOCK_NB) != 0) {
    return StateError("cannot lock", absl::StrCat(state_dir, "/leases/", lease->lock_name_), errno);
  }
  return lease;
}

namespace {

struct Made {
  bool existed = false;
  bool known = false;  // `st` is set
  struct stat st = {};
  absl::Status status;
};

std::string MadeLine(const struct stat& st, const std::string& path) {
  return absl::StrCat("= ", st.st_dev, " ", st.st_ino, " ", Encode(path), "\n");
}

std::string ForeignLine(const std::string& path) { return absl::StrCat("! ", Encode(path), "\n"); }

// Moves a directory of the pool to `name`: true if one was found there, and fit. `slot` is where to look next.
bool TakeFromPool(int pool, int parent, const char* name, int* slot) {
  while (pool >= 0 && *slot < kPoolSlots) {
    const SlotName used((*slot)++);
    if (Move(pool, used.text, parent, name) == 0) return true;
    if (errno != ENOENT) return false;
  }
  return false;
}

// Makes one name in its directory, which is reached through no link: one that took the workspace's place meanwhile does
// not lead anything elsewhere.
Made MakePlaceholder(const PlaceholderName& name, int pool, int* slot) {
  Made made;
  const size_t slash = name.path.rfind('/');
  const std::string directory = slash == 0 ? "/" : name.path.substr(0, slash);
  const char* const base = name.path.c_str() + slash + 1;
  const UniqueFd parent(OpenDirectoryExact(directory.c_str()));
  if (!parent.valid()) {
    made.status = ReasonError(absl::StatusCode::kFailedPrecondition, "path_changed",
                              absl::StrCat("the directory of ", name.path, " is not what it was: ", strerror(errno)));
    return made;
  }
  bool done = false;
  if (name.file) {
    const UniqueFd file(openat(parent.get(), base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    done = file.valid();
    if (done && !name.empty) made.status = Append(file.get(), kPlaceholderContent, name.path);
  } else {
    done = TakeFromPool(pool, parent.get(), base, slot) || mkdirat(parent.get(), base, 0755) == 0;
  }
  made.existed = !done && errno == EEXIST;
  if (!done && !made.existed) made.status = StateError("cannot make", name.path, errno);
  made.known = done && fstatat(parent.get(), base, &made.st, AT_SYMLINK_NOFOLLOW) == 0;
  return made;
}

}  // namespace

absl::Status WorkspaceLease::Hold(const std::string& workspace, const std::vector<PlaceholderName>& names) {
  if (names.empty()) return absl::OkStatus();
  const UniqueFd mutex(openat(directory(), kMutex, O_RDWR | O_CLOEXEC));
  while (flock(mutex.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return StateError("cannot lock", kMutex, errno);
  }
  const UniqueFd journal(
      openat(directory(), journal_name_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!journal.valid()) return StateError("cannot open", journal_name_, errno);
  const ssize_t got = ReadJournal(directory(), journal_name_.c_str(), buffer_.get(), buffer_size_);
  size_t size = static_cast<size_t>(std::max<ssize_t>(got, 0));
  if (size >= kMaxJournal) return StateError("too many placeholders for", journal_name_, EFBIG);
  while (size > 0 && buffer_[size - 1] != '\n') --size;  // a torn line would spoil the next one
  if (got > 0 && ftruncate(journal.get(), static_cast<off_t>(size)) != 0) {
    return StateError("cannot mend", journal_name_, errno);
  }

  std::string lines;
  if (size == 0) lines = absl::StrCat(kHeader, Encode(workspace), "\n");
  std::vector<const PlaceholderName*> missing;
  std::set<std::string> seen;
  for (const PlaceholderName& name : names) {
    if (!seen.insert(name.path).second) continue;
    const Known known = KnownOf(buffer_.get(), size, name.path.c_str());
    Entry entry;
    entry.file = name.file;
    snprintf(entry.path, sizeof(entry.path), "%s", name.path.c_str());
    struct stat now = {};
    if (lstat(name.path.c_str(), &now) != 0) {
      absl::StrAppend(&lines, "+ ", name.file ? "f" : "d", " ", Encode(name.path), "\n");
      missing.push_back(&name);
    } else if (!known.made && !known.foreign) {
      // A run that was killed before it could record what it made; else the user's own.
      lines += known.intended && AdoptUnrecorded(&entry) ? MadeLine(now, name.path) : ForeignLine(name.path);
    }
  }
  if (size + 3 * lines.size() > kMaxJournal) return StateError("too many placeholders for", journal_name_, EFBIG);
  RETURN_IF_ERROR(Append(journal.get(), lines, journal_name_));

  std::string records;
  absl::Status status = absl::OkStatus();
  const UniqueFd pool(OpenPool(directory()));
  if (!pool.valid()) mkdirat(directory(), kPool, 0700);  // for the next run
  int slot = 0;
  for (const PlaceholderName* const name : missing) {
    const Made made = MakePlaceholder(*name, pool.get(), &slot);
    status.Update(made.status);
    if (!status.ok()) break;
    if (made.existed) {
      records += ForeignLine(name->path);
    } else if (made.known) {
      records += MadeLine(made.st, name->path);
    }
  }
  if (!records.empty()) status.Update(Append(journal.get(), records, journal_name_));
  return status;
}

WorkspaceLease::~WorkspaceLease() { Release(); }

void WorkspaceLease::Release() {
  if (released_) return;
  const int mutex = openat(directory(), kMutex, O_RDWR | O_CLOEXEC);
  if (mutex < 0) return;
  while (flock(mutex, LOCK_EX) != 0 && errno == EINTR) {
  }
  // The name may be another run's by now, if this is the repetition of a release that was complete.
  struct stat ours = {}, named = {};
  const bool current = fstat(lock(), &ours) == 0 &&
                       fstatat(directory(), lock_name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
  if (current && flock(lock(), LOCK_EX | LOCK_NB) == 0) {
    Undo();
    unlinkat(directory(), lock_name_.c_str(), 0);
  }
  flock(lock(), LOCK_UN);
  close(mutex);
  released_ = true;  // last: a guard repeats what a killed process had begun
}

void WorkspaceLease::Undo() {
  const ssize_t size = ReadJournal(directory(), journal_name_.c_str(), buffer_.get(), buffer_size_);
  if (size < 0) return;
  const int pool = OpenPool(directory());
  const bool well_formed = RemoveAll(buffer_.get(), static_cast<size_t>(size), pool, [](const char*, Removal) {});
  if (pool >= 0) close(pool);
  if (well_formed) {
    unlinkat(directory(), journal_name_.c_str(), 0);
  } else {
    renameat(directory(), journal_name_.c_str(), directory(), broken_name_.c_str());
  }
}

namespace {

// True if `entry` is still what a run made: a file with our content, or a directory that holds nothing but others of
// `standing`.
bool Stands(const Entry& entry, const std::set<std::string>& standing) {
  struct stat st = {};
  if (lstat(entry.path, &st) != 0) return false;
  if (entry.made && (st.st_dev != entry.device || st.st_ino != entry.inode)) return false;
  if (S_ISREG(st.st_mode)) return HoldsOwnContent(AT_FDCWD, entry.path);
  DIR* const listing = S_ISDIR(st.st_mode) ? opendir(entry.path) : nullptr;
  if (listing == nullptr) return false;
  bool stands = true;
  while (const dirent* const child = readdir(listing)) {
    const absl::string_view name = child->d_name;
    stands = stands && (name == "." || name == ".." || standing.contains(absl::StrCat(entry.path, "/", name)));
  }
  closedir(listing);
  return stands;
}

}  // namespace

std::vector<std::string> JournalledPlaceholders(const std::string& state_dir, const std::string& key) {
  std::vector<std::string> paths;
  const UniqueFd directory(open((state_dir + "/leases").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return paths;
  const std::string name = key + kJournalSuffix;
  struct stat st = {};
  if (fstatat(directory.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return paths;
  std::string text(kMaxJournal, '\0');
  const ssize_t size = ReadJournal(directory.get(), name.c_str(), text.data(), text.size());
  std::set<std::string> standing;
  const size_t length = static_cast<size_t>(std::max<ssize_t>(size, 0));
  ForEachEntryBackwards(text.data(), length, [&](Entry* entry) {
    if (entry->foreign || KnownOf(text.data(), length, entry->path).foreign) return;
    if (!entry->made && KnownOf(text.data(), length, entry->path).made) return;
    if (Stands(*entry, standing)) standing.insert(entry->path);
  });
  paths.assign(standing.begin(), standing.end());
  return paths;
}

namespace {

CollectedLease CollectOne(int directory, const std::string& key) {
  CollectedLease result;
  const std::string journal = key + kJournalSuffix, lock_name = key + kLockSuffix;
  const UniqueFd lock(openat(directory, lock_name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  std::string text(kMaxJournal, '\0');
  const ssize_t size = ReadJournal(directory, journal.c_str(), text.data(), text.size());
  text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  const std::string header = text.substr(0, text.find('\n'));
  char workspace[PATH_MAX];
  const bool has_header = absl::StartsWith(header, kHeader) &&
                          Decode(header.data() + sizeof(kHeader) - 1, header.size() - sizeof(kHeader) + 1, workspace);
  if (has_header) result.workspace = workspace;
  if (!lock.valid() || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    result.live = true;
    return result;
  }
  const bool well_formed = RemoveAll(text.data(), text.size(), /*pool=*/-1, [&](const char* path, Removal removal) {
    if (removal == Removal::kRemoved) result.removed.push_back(path);
    if (removal == Removal::kKept) result.kept.push_back(path);
  });
  if (well_formed && (has_header || text.empty())) {
    unlinkat(directory, journal.c_str(), 0);
  } else {
    result.quarantined = journal + kBrokenSuffix;
    renameat(directory, journal.c_str(), directory, result.quarantined.c_str());
  }
  unlinkat(directory, lock_name.c_str(), 0);
  return result;
}

}  // namespace

absl::StatusOr<std::vector<CollectedLease>> CollectLeases(const std::string& state_dir) {
  std::vector<CollectedLease> results;
  struct stat st = {};
  if (stat((state_dir + "/leases").c_str(), &st) != 0 && errno == ENOENT) return results;
  ASSIGN_OR_RETURN(const Locked locked, LockLeases(state_dir));
  std::vector<std::string> keys;
  const int copy = openat(locked.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const listing = copy < 0 ? nullptr : fdopendir(copy);
  if (listing == nullptr) return StateError("cannot list", state_dir + "/leases", errno);
  while (const dirent* entry = readdir(listing)) {
    const absl::string_view name = entry->d_name;
    if (absl::EndsWith(name, kJournalSuffix))
      keys.emplace_back(name.substr(0, name.size() - sizeof(kJournalSuffix) + 1));
  }
  closedir(listing);
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) results.push_back(CollectOne(locked.directory.get(), key));
  return results;
}

}  // namespace paddock
