#include "core/platform/posix/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/lease_journal.h"
#include "core/platform/posix/lease_placeholder.h"

namespace paddock {
namespace {

// Open descriptors that one lease may keep; placeholders in further directories are found by path.
constexpr size_t kMaxDirectories = 64;

// The directory that a placeholder stands in; -1 if it cannot be opened.
class ParentFd {
 public:
  ParentFd(int fd, bool owned) : fd_(fd), owned_(owned) {}
  ~ParentFd() {
    if (owned_ && fd_ >= 0) close(fd_);
  }
  ParentFd(const ParentFd&) = delete;
  ParentFd& operator=(const ParentFd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
  bool owned_;
};

absl::Status Append(int fd, const std::string& text, absl::string_view what) {
  const ssize_t written = write(fd, text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return absl::OkStatus();
  return StateError("cannot write", what, written < 0 ? errno : ENOSPC);
}

}  // namespace

struct WorkspaceLease::Held {
  std::string path;
  size_t base = 0;  // where the name begins in `path`
  bool file = false, empty = false;
  int directory = kNone;         // in directories_; else
  const Held* within = nullptr;  // the placeholder that it stands in; else
  bool by_path = false;          // its directory is none of those that are kept open
  bool known = false;            // a placeholder, and this one:
  PlaceholderIdentity identity;

  static constexpr int kNone = -1;

  const char* name() const { return path.c_str() + base; }
  // Async-signal-safe.
  ParentFd OpenParent(const std::vector<UniqueFd>& directories) const;
};

ParentFd WorkspaceLease::Held::OpenParent(const std::vector<UniqueFd>& directories) const {
  if (directory >= 0) return ParentFd(directories[static_cast<size_t>(directory)].get(), /*owned=*/false);
  if (within != nullptr) {
    const ParentFd outer = within->OpenParent(directories);
    const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    return ParentFd(outer.get() < 0 ? -1 : openat(outer.get(), within->name(), flags), /*owned=*/true);
  }
  char parent[PATH_MAX] = "/";
  if (!by_path || base > sizeof(parent)) return ParentFd(-1, /*owned=*/false);
  if (base > 1) {
    memcpy(parent, path.data(), base - 1);
    parent[base - 1] = '\0';
  }
  return ParentFd(OpenDirectoryExact(parent), /*owned=*/true);
}

WorkspaceLease::WorkspaceLease() = default;
WorkspaceLease::~WorkspaceLease() { Release(); }

std::string LeaseKey(unsigned long long device, unsigned long long inode) {
  return absl::StrCat(absl::Hex(device), "-", absl::Hex(inode));
}

absl::StatusOr<std::unique_ptr<WorkspaceLease>> WorkspaceLease::Acquire(const std::string& state_dir,
                                                                        const std::string& key,
                                                                        const std::string& workspace,
                                                                        const std::vector<PlaceholderName>& names) {
  auto lease = std::unique_ptr<WorkspaceLease>(new WorkspaceLease);
  absl::StatusOr<LockedLeases> locked = LockLeases(state_dir);
  if (!locked.ok()) {  // the first run of this user
    RETURN_IF_ERROR(MakeLeaseDirectory(state_dir));
    locked = LockLeases(state_dir);
  }
  if (!locked.ok()) return locked.status();
  lease->workspace_ = workspace;
  lease->lock_name_ = key + kLockSuffix;
  lease->journal_name_ = key + kJournalSuffix;
  lease->broken_name_ = lease->journal_name_ + kBrokenSuffix;
  lease->leases_ = std::move(locked->directory);
  lease->buffer_ = std::make_unique_for_overwrite<char[]>(kMaxJournal);
  lease->lock_.reset(
      openat(lease->leases_.get(), lease->lock_name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  // Nobody holds it: a journal is a crashed run's, and is undone before its traces are taken for the user's.
  if (lease->lock_.valid() && flock(lease->lock_.get(), LOCK_EX | LOCK_NB) == 0) lease->Undo();
  if (!lease->lock_.valid() || flock(lease->lock_.get(), LOCK_SH | LOCK_NB) != 0) {
    return StateError("cannot lock", absl::StrCat(state_dir, "/leases/", lease->lock_name_), errno);
  }
  lease->Add(names);
  return lease;
}

void WorkspaceLease::Add(const std::vector<PlaceholderName>& names) {
  std::map<absl::string_view, const Held*> by_path;
  std::map<std::string, int> directories;
  held_.reserve(names.size());  // they point to each other
  for (const PlaceholderName& name : names) {
    if (by_path.contains(name.path)) continue;
    Held& held = held_.emplace_back();
    held.path = name.path;
    held.base = name.path.rfind('/') + 1;
    held.file = name.file;
    held.empty = name.empty;
    by_path[held.path] = &held;
    const std::string directory = held.base == 1 ? "/" : name.path.substr(0, held.base - 1);
    if (const auto outer = by_path.find(directory); outer != by_path.end()) {
      held.within = outer->second;
      continue;
    }
    // One that cannot be opened now is not looked up again: it would have to be found again at the end.
    if (const auto known = directories.find(directory); known != directories.end()) {
      held.directory = known->second;
    } else if (directories_.size() >= kMaxDirectories) {
      held.by_path = true;
    } else if (UniqueFd fd(OpenDirectoryExact(directory.c_str())); fd.valid()) {
      held.directory = directories[directory] = static_cast<int>(directories_.size());
      directories_.push_back(std::move(fd));
    } else {
      directories[directory] = Held::kNone;
    }
  }
}

absl::StatusOr<size_t> WorkspaceLease::ReadAndMend(int journal) {
  struct stat st = {};
  if (fstat(journal, &st) == 0 && st.st_size == 0) return 0;
  const ssize_t got = ReadJournal(leases_.get(), journal_name_.c_str(), buffer_.get(), kMaxJournal);
  auto size = static_cast<size_t>(std::max<ssize_t>(got, 0));
  if (size >= kMaxJournal) return StateError("too many placeholders for", journal_name_, EFBIG);
  while (size > 0 && buffer_[size - 1] != '\n') --size;  // a torn line would spoil the next one
  if (got > 0 && ftruncate(journal, static_cast<off_t>(size)) != 0) {
    return StateError("cannot mend", journal_name_, errno);
  }
  return size;
}

std::string WorkspaceLease::Intents(size_t journal_size, std::vector<Held*>* missing) {
  std::string lines;
  if (journal_size == 0) lines = JournalHeader(workspace_);
  for (Held& held : held_) {
    const ParentFd parent = held.OpenParent(directories_);
    struct stat now = {};
    if (parent.get() < 0 || fstatat(parent.get(), held.name(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
      lines += IntentLine(held.path, held.file);
      missing->push_back(&held);
      continue;
    }
    const Known known = KnownOf(buffer_.get(), journal_size, held.path.c_str());
    // A run that was killed before it could record what it made; else the user's own.
    const bool adopted = known.intended && !known.made && !known.foreign && IsOfKind(now, held.file);
    held.known = adopted || (known.made && known.device == now.st_dev && known.inode == now.st_ino);
    if (held.known) held.identity = {now.st_dev, now.st_ino, {}};
    if (adopted) lines += MadeLine(now, held.path);
    if (!adopted && !known.made && !known.foreign) lines += ForeignLine(held.path);
  }
  return lines;
}

absl::Status WorkspaceLease::Make(const std::vector<Held*>& missing, std::string* records) {
  PlaceholderPool pool(leases_.get());
  pool.Make();
  for (Held* const held : missing) {
    const ParentFd parent = held->OpenParent(directories_);
    if (parent.get() < 0) {
      return ReasonError(absl::StatusCode::kFailedPrecondition, "path_changed",
                         absl::StrCat("the directory of ", held->path, " is not what it was"));
    }
    const char* const name = held->name();
    bool done = false;
    absl::Status written = absl::OkStatus();
    if (held->file) {
      const UniqueFd file(openat(parent.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
      done = file.valid();
      if (done && !held->empty) written = Append(file.get(), kPlaceholderContent, held->path);
    } else {
      done = pool.Take(parent.get(), name) || mkdirat(parent.get(), name, 0755) == 0;
    }
    if (!done && errno != EEXIST) return StateError("cannot make", held->path, errno);
    struct stat st = {};
    if (!done) {
      *records += ForeignLine(held->path);
    } else if (fstatat(parent.get(), name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
      held->identity = {st.st_dev, st.st_ino, st.st_mtim};
      held->known = true;
      *records += MadeLine(st, held->path);
    }
    RETURN_IF_ERROR(written);
  }
  return absl::OkStatus();
}

absl::Status WorkspaceLease::Hold() {
  if (held_.empty()) return absl::OkStatus();
  const UniqueFd mutex = LockMutex(leases_.get());
  if (!mutex.valid()) return StateError("cannot lock", "mutex", errno);
  const UniqueFd journal(
      openat(leases_.get(), journal_name_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!journal.valid()) return StateError("cannot open", journal_name_, errno);
  ASSIGN_OR_RETURN(const size_t size, ReadAndMend(journal.get()));
  std::vector<Held*> missing;
  const std::string lines = Intents(size, &missing);
  if (size + 3 * lines.size() > kMaxJournal) return StateError("too many placeholders for", journal_name_, EFBIG);
  RETURN_IF_ERROR(Append(journal.get(), lines, journal_name_));
  std::string records;
  absl::Status status = Make(missing, &records);
  if (!records.empty()) status.Update(Append(journal.get(), records, journal_name_));
  if (status.ok() && size == 0) journal_size_ = lines.size() + records.size();
  return status;
}

std::vector<int> WorkspaceLease::descriptors() const {
  std::vector<int> all = {leases_.get(), lock_.get()};
  for (const UniqueFd& directory : directories_) all.push_back(directory.get());
  return all;
}

void WorkspaceLease::Release() {
  if (released_ || !lock_.valid()) return;
  const UniqueFd mutex = LockMutex(leases_.get());
  if (!mutex.valid()) return;
  // The name may be another run's by now, if this is the repetition of a release that was complete.
  struct stat ours = {}, named = {};
  const bool current = fstat(lock_.get(), &ours) == 0 &&
                       fstatat(leases_.get(), lock_name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
  if (current && flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) {
    Undo();
    unlinkat(leases_.get(), lock_name_.c_str(), 0);
  }
  flock(lock_.get(), LOCK_UN);
  released_ = true;  // last: a guard repeats what a killed process had begun
}

void WorkspaceLease::Undo() {
  PlaceholderPool pool(leases_.get());
  // By the directories that were opened, which finds them in a workspace that was moved, too. Last first, so that what
  // stands inside another one goes before it.
  for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
    if (!held->known) continue;
    const ParentFd parent = held->OpenParent(directories_);
    if (parent.get() >= 0) RemovePlaceholderAt(parent.get(), held->name(), held->identity, &pool);
  }
  struct stat st = {};
  if (fstatat(leases_.get(), journal_name_.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return;
  bool well_formed = true;
  if (journal_size_ == 0 || st.st_size != static_cast<off_t>(journal_size_)) {
    const ssize_t size = ReadJournal(leases_.get(), journal_name_.c_str(), buffer_.get(), kMaxJournal);
    if (size < 0) return;
    well_formed = RemoveAll(buffer_.get(), static_cast<size_t>(size), &pool, [](const char*, Removal) {});
  }
  if (well_formed) {
    unlinkat(leases_.get(), journal_name_.c_str(), 0);
  } else {
    renameat(leases_.get(), journal_name_.c_str(), leases_.get(), broken_name_.c_str());
  }
}

}  // namespace paddock
