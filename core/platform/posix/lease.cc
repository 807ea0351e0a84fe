#include "core/platform/posix/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/file_lock.h"
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

}  // namespace

struct WorkspaceLease::Held {
  std::string path;
  size_t base = 0;  // where the name begins in `path`
  PlaceholderKind kind = PlaceholderKind::kDirectory;
  int directory = kNone;         // in directories_; else
  const Held* within = nullptr;  // the placeholder that it stands in; else
  bool by_path = false;          // its directory is none of those that are kept open
  bool known = false;            // a placeholder, and this one:
  PlaceholderIdentity identity;

  static constexpr int kNone = -1;

  const char* name() const { return path.c_str() + base; }
  bool is_file() const { return kind != PlaceholderKind::kDirectory; }
  // Async-signal-safe.
  ParentFd OpenParent(const std::vector<UniqueFd>& directories) const;
};

ParentFd WorkspaceLease::Held::OpenParent(const std::vector<UniqueFd>& directories) const {
  if (directory >= 0) return ParentFd(directories[static_cast<size_t>(directory)].get(), /*owned=*/false);
  if (within != nullptr) {
    const ParentFd outer = within->OpenParent(directories);
    const LentRights lent(outer.get());
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
                                                                        const std::vector<Placeholder>& names) {
  auto lease = std::unique_ptr<WorkspaceLease>(new WorkspaceLease);
  absl::StatusOr<LockedLeases> locked = LockLeases(state_dir);
  if (!locked.ok()) {  // the first run of this user
    RETURN_IF_ERROR(MakeLeaseDirectory(state_dir));
    locked = LockLeases(state_dir);
  }
  if (!locked.ok()) return locked.status();
  lease->workspace_ = workspace;
  lease->journal_name_ = key + kJournalSuffix;
  lease->broken_name_ = lease->journal_name_ + kBrokenSuffix;
  lease->pool_name_ = key + kPoolSuffix;
  lease->leases_ = std::move(locked->directory);
  lease->buffer_ = std::make_unique_for_overwrite<char[]>(kMaxJournal);
  RETURN_IF_ERROR(lease->LockJournal());
  lease->Add(names);
  return lease;
}

absl::Status WorkspaceLease::OpenOrMakeJournal(const PlaceholderPool& pool) {
  const char* const name = journal_name_.c_str();
  const auto open_existing = [&] { return OpenJournal(leases_.get(), name, O_RDWR); };
  journal_.reset(open_existing());
  if (!journal_.valid() && errno == ENOENT) {
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    journal_.reset(pool.TakeJournal(name) ? open_existing() : openat(leases_.get(), name, flags, 0600));
  }
  return journal_.valid() ? absl::OkStatus() : StateError("cannot open", journal_name_, errno);
}

absl::Status WorkspaceLease::LockJournal() {
  PlaceholderPool pool(leases_.get(), pool_name_.c_str());
  RETURN_IF_ERROR(OpenOrMakeJournal(pool));
  // If nobody holds it, it is a crashed run's, and is undone before its traces are taken for the user's.
  const bool alone = flock(journal_.get(), LOCK_EX | LOCK_NB) == 0;
  if (alone && Undo(pool) == Left::kNoJournal) RETURN_IF_ERROR(OpenOrMakeJournal(pool));
  if (flock(journal_.get(), LOCK_SH | LOCK_NB) == 0) return absl::OkStatus();
  const int error = errno;
  journal_.reset();
  return StateError("cannot lock", journal_name_, error);
}

void WorkspaceLease::Add(const std::vector<Placeholder>& names) {
  std::map<absl::string_view, const Held*> by_path;
  std::map<std::string, int> directories;
  held_.reserve(names.size());  // they point to each other
  for (const Placeholder& name : names) {
    if (by_path.contains(name.path)) continue;
    Held& held = held_.emplace_back();
    held.path = name.path;
    held.base = name.path.rfind('/') + 1;
    held.kind = name.kind;
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

absl::StatusOr<size_t> WorkspaceLease::ReadIntact() {
  size_t size = ReadJournal(journal_.get(), buffer_.get(), kMaxJournal);
  if (size >= kMaxJournal) return StateError("too many placeholders for", journal_name_, EFBIG);
  while (size > 0 && buffer_[size - 1] != '\n') --size;  // a torn line would spoil the next one
  return size;
}

std::string WorkspaceLease::Intents(size_t journal_size, std::vector<Held*>* missing) {
  std::string lines;
  if (journal_size == 0) lines = JournalHeader(workspace_);
  for (Held& held : held_) {
    const ParentFd parent = held.OpenParent(directories_);
    struct stat now = {};
    if (parent.get() < 0 || fstatat(parent.get(), held.name(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
      lines += IntentLine(held.path, held.is_file());
      missing->push_back(&held);
      continue;
    }
    const JournaledPath known = JournaledPathOf(buffer_.get(), journal_size, held.path.c_str());
    // A run that was killed before it could record what it made; else the user's own.
    const bool adopted = known.intended && !known.made && !known.foreign && IsOfKind(now, held.is_file());
    held.known = adopted || (known.made && known.device == now.st_dev && known.inode == now.st_ino);
    if (held.known) held.identity = {now.st_dev, now.st_ino, {}};
    if (adopted) lines += MadeLine(now, held.path);
    if (!adopted && !known.made && !known.foreign) lines += ForeignLine(held.path);
  }
  return lines;
}

absl::Status WorkspaceLease::Make(const std::vector<Held*>& missing, std::string* records) {
  PlaceholderPool pool(leases_.get(), pool_name_.c_str());
  pool.Make();
  for (Held* const held : missing) {
    const ParentFd parent = held->OpenParent(directories_);
    if (parent.get() < 0) {
      return ReasonError(absl::StatusCode::kFailedPrecondition, "path_changed",
                         absl::StrCat("the directory of ", held->path, " is not what it was"));
    }
    const char* const name = held->name();
    const bool done = pool.Take(held->kind, parent.get(), name) || MakePlaceholder(held->kind, parent.get(), name);
    if (!done && errno != EEXIST) return StateError("cannot make", held->path, errno);
    struct stat st = {};
    if (!done) {
      *records += ForeignLine(held->path);
    } else if (fstatat(parent.get(), name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
      held->identity = {st.st_dev, st.st_ino, st.st_mtim};
      held->known = true;
      *records += MadeLine(st, held->path);
    }
  }
  return absl::OkStatus();
}

absl::Status WorkspaceLease::Hold() {
  if (held_.empty()) return absl::OkStatus();
  const UniqueFd mutex = LockMutex(leases_.get());
  if (!mutex.valid()) return StateError("cannot lock", "mutex", errno);
  ASSIGN_OR_RETURN(const size_t size, ReadIntact());
  std::vector<Held*> missing;
  const std::string lines = Intents(size, &missing);
  if (size + 3 * lines.size() > kMaxJournal) return StateError("too many placeholders for", journal_name_, EFBIG);
  if (!WriteJournal(journal_.get(), lines, size)) return StateError("cannot write", journal_name_, errno);
  std::string records;
  absl::Status status = Make(missing, &records);
  const size_t end = size + lines.size();
  if (!records.empty() && !WriteJournal(journal_.get(), records, end)) {
    status.Update(StateError("cannot write", journal_name_, errno));
  }
  if (status.ok() && size == 0) journal_size_ = end + records.size();
  return status;
}

std::vector<int> WorkspaceLease::descriptors() const {
  std::vector<int> all = {leases_.get(), journal_.get()};
  for (const UniqueFd& directory : directories_) all.push_back(directory.get());
  return all;
}

void WorkspaceLease::Release() {
  if (released_ || !journal_.valid()) return;
  const UniqueFd mutex = LockMutex(leases_.get());
  if (!mutex.valid()) return;
  // The name may be another run's by now, if this is the repetition of a release that was complete; if it is the same
  // file, out of the pool, that run's lock stands in the way.
  const bool current = IsStillNamed(leases_.get(), journal_name_.c_str(), journal_.get());
  PlaceholderPool pool(leases_.get(), pool_name_.c_str());
  const bool last = current && flock(journal_.get(), LOCK_EX | LOCK_NB) == 0;
  const bool reusable = last && Undo(pool) == Left::kEmptyJournal;
  // Before the next run can take the file: whoever else has this descriptor would keep it locked.
  flock(journal_.get(), LOCK_UN);
  if (reusable && !pool.GiveBackJournal(journal_name_.c_str())) unlinkat(leases_.get(), journal_name_.c_str(), 0);
  released_ = true;  // last: a guard repeats what a killed process had begun
}

WorkspaceLease::Left WorkspaceLease::Undo(PlaceholderPool& pool) {
  // By the directories that were opened, which finds them in a workspace that was moved, too. Last first, so that what
  // stands inside another one goes before it.
  for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
    if (!held->known) continue;
    const ParentFd parent = held->OpenParent(directories_);
    if (parent.get() >= 0) RemovePlaceholderAt(parent.get(), held->name(), held->identity, &pool);
  }
  char next = 1;
  const bool only_ours =
      journal_size_ > 0 && pread(journal_.get(), &next, 1, static_cast<off_t>(journal_size_)) == 1 && next == '\0';
  const size_t size = only_ours ? journal_size_ : ReadJournal(journal_.get(), buffer_.get(), kMaxJournal);
  if (!only_ours && !RemoveAll(buffer_.get(), size, &pool, [](const char*, Removal) {})) {
    renameat(leases_.get(), journal_name_.c_str(), leases_.get(), broken_name_.c_str());
    return Left::kNoJournal;
  }
  if (size == 0 || EmptyJournal(journal_.get(), buffer_.get(), size)) return Left::kEmptyJournal;
  unlinkat(leases_.get(), journal_name_.c_str(), 0);
  return Left::kNoJournal;
}

}  // namespace paddock
