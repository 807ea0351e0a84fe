#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/lease_journal.h"
#include "core/platform/posix/lease_placeholder.h"

namespace paddock {
namespace {

// True if `entry` is still what a run made: a file with our content, or a directory that holds nothing but others of
// `standing`.
bool Stands(const JournalEntry& entry, const std::set<std::string>& standing) {
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
  std::string text(std::min(static_cast<size_t>(st.st_size), kMaxJournal), '\0');
  const ssize_t size = ReadJournal(directory.get(), name.c_str(), text.data(), text.size());
  std::set<std::string> standing;
  const size_t length = static_cast<size_t>(std::max<ssize_t>(size, 0));
  ForEachEntryBackwards(text.data(), length, [&](JournalEntry* entry) {
    const Known known = KnownOf(text.data(), length, entry->path);
    if (known.foreign || (!entry->made && known.made)) return;
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
  char workspace[PATH_MAX];
  const bool has_header = ParseJournalHeader(text.data(), text.size(), workspace);
  if (has_header) result.workspace = workspace;
  if (!lock.valid() || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    result.live = true;
    return result;
  }
  const bool well_formed =
      RemoveAll(text.data(), text.size(), /*pool=*/nullptr, [&](const char* path, Removal removal) {
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
  ASSIGN_OR_RETURN(const LockedLeases locked, LockLeases(state_dir));
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
