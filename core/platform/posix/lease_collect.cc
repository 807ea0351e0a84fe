#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
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
  const UniqueFd journal(OpenJournal(directory.get(), (key + kJournalSuffix).c_str(), O_RDONLY));
  struct stat st = {};
  if (!journal.valid() || fstat(journal.get(), &st) != 0) return paths;
  std::string text(std::min(static_cast<size_t>(st.st_size), kMaxJournal), '\0');
  text.resize(ReadJournal(journal.get(), text.data(), text.size()));
  std::set<std::string> standing;
  ForEachEntryBackwards(text.data(), text.size(), [&](JournalEntry* entry) {
    const JournaledPath known = JournaledPathOf(text.data(), text.size(), entry->path);
    if (known.foreign || (!entry->made && known.made)) return;
    if (Stands(*entry, standing)) standing.insert(entry->path);
  });
  paths.assign(standing.begin(), standing.end());
  return paths;
}

namespace {

// Nullopt for a run that has made nothing yet, or was killed before it did.
std::optional<CollectedLease> CollectOne(int directory, const std::string& key) {
  CollectedLease result;
  const std::string name = key + kJournalSuffix;
  const UniqueFd journal(OpenJournal(directory, name.c_str(), O_RDWR));
  std::string text(kMaxJournal, '\0');
  text.resize(ReadJournal(journal.get(), text.data(), text.size()));
  char workspace[PATH_MAX];
  const bool has_header = ParseJournalHeader(text.data(), text.size(), workspace);
  if (has_header) result.workspace = workspace;
  if (journal.valid() && text.empty()) {
    if (flock(journal.get(), LOCK_EX | LOCK_NB) == 0) unlinkat(directory, name.c_str(), 0);
    return std::nullopt;
  }
  if (!journal.valid()) {
    result.unreadable = name;
    return result;
  }
  if (flock(journal.get(), LOCK_EX | LOCK_NB) != 0) {
    result.live = true;
    return result;
  }
  const bool well_formed =
      RemoveAll(text.data(), text.size(), /*pool=*/nullptr, [&](const char* path, Removal removal) {
        if (removal == Removal::kRemoved) result.removed.push_back(path);
        if (removal == Removal::kKept) result.kept.push_back(path);
      });
  if (well_formed && has_header) {
    unlinkat(directory, name.c_str(), 0);
  } else {
    result.quarantined = name + kBrokenSuffix;
    renameat(directory, name.c_str(), directory, result.quarantined.c_str());
  }
  return result;
}

}  // namespace

absl::StatusOr<std::vector<CollectedLease>> CollectLeases(const std::string& state_dir) {
  std::vector<CollectedLease> results;
  struct stat st = {};
  if (stat((state_dir + "/leases").c_str(), &st) != 0 && errno == ENOENT) return results;
  ASSIGN_OR_RETURN(const LockedLeases locked, LockLeases(state_dir));
  const auto names = NamesIn(locked.directory.get());
  if (!names) return StateError("cannot list", state_dir + "/leases", errno);
  std::vector<std::string> keys;
  for (absl::string_view name : *names) {
    if (absl::ConsumeSuffix(&name, kJournalSuffix)) keys.emplace_back(name);
  }
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    if (auto collected = CollectOne(locked.directory.get(), key)) results.push_back(*std::move(collected));
  }
  PlaceholderPool::Prune(locked.directory.get(), std::chrono::seconds(0));
  return results;
}

}  // namespace paddock
