#ifndef PADDOCK_CORE_PLATFORM_POSIX_LEASE_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LEASE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/host/placeholder.h"
#include "core/platform/posix/lease_pool.h"
#include "core/platform/posix/unique_fd.h"

// Placeholders: names that a run makes in the user's workspace so that nothing else can be made there, and that vanish
// with the last run that uses them.
//
// On disk, below <state_dir>/leases: `mutex`, held while anything here changes; for each workspace `KEY.journal`,
// written before a placeholder is made, and locked shared by every run in the workspace. Whoever gets the lock
// exclusively is the last one, and takes away what the journal lists: an ending run, the guard of a killed one, the
// next `paddock gc`. Only empty directories and files with our own content are removed, and only if their inode is the
// journalled one. Between runs they wait in `KEY.pool`, journal included (lease_pool.h). `found-N` is something that
// took a placeholder's name at the very moment of its removal, while its own was taken again: it is kept, for its
// owner.
//
// The journal is not synced to disk: after a power failure an empty directory may stay that no journal knows.

namespace paddock {

// A run's hold on the placeholders of one workspace. Release() is called at most once.
class WorkspaceLease {
 public:
  // Takes the shared lock of the workspace that `key` names, undoes what a crashed run left there if no live one shares
  // it, and opens the directories that `names` stand in, so that they are found again wherever they are moved to.
  // FailedPrecondition `state_dir_unusable` if the state directory cannot be written. Blocks while another process
  // changes leases (milliseconds).
  static absl::StatusOr<std::unique_ptr<WorkspaceLease>> Acquire(const std::string& state_dir, const std::string& key,
                                                                 const std::string& workspace,
                                                                 const std::vector<Placeholder>& names);

  // Journals the names, then makes those that are missing. FailedPrecondition `path_changed` if a directory is not
  // there any more, or was reached through a link. On an error Release() undoes what was made. Apart from Acquire, so
  // that whoever is to release it after a crash can be started in between.
  absl::Status Hold();

  ~WorkspaceLease();

  // Gives the lock back; the last one removes the placeholders. Async-signal-safe: a guard calls it on the memory of a
  // process that was killed.
  void Release();

  // What Release() works on: a process that is to call it has to keep these open.
  std::vector<int> descriptors() const;

 private:
  struct Held;

  WorkspaceLease();
  absl::Status OpenOrMakeJournal(const PlaceholderPool& pool);
  // Opens and locks the journal, once it holds nothing of a crashed run's.
  absl::Status LockJournal();
  void Add(const std::vector<Placeholder>& names);
  // Reads the journal into buffer_, without a torn line; the number of bytes, or an error.
  absl::StatusOr<size_t> ReadIntact();
  // The lines that say what is about to be made, and what stands there already. `missing` gets the former.
  std::string Intents(size_t journal_size, std::vector<Held*>* missing);
  absl::Status Make(const std::vector<Held*>& missing, std::string* records);
  // Takes away what this run knows of, then what only the journal does. The journal is empty then, or under another
  // name if it is malformed.
  enum class Left { kEmptyJournal, kNoJournal };
  Left Undo(PlaceholderPool& pool);

  UniqueFd leases_, journal_;
  std::string workspace_, journal_name_, broken_name_, pool_name_;
  std::vector<UniqueFd> directories_;
  std::vector<Held> held_;          // as many as Acquire found, from then on
  std::unique_ptr<char[]> buffer_;  // for the journal, so that Release() need not allocate
  size_t journal_size_ = 0;         // bytes, if this run wrote all of the journal; else 0
  bool released_ = false;
};

// Names the workspace with this device and inode among the journals.
std::string LeaseKey(unsigned long long device, unsigned long long inode);

// Paths where a placeholder journalled for `key` stands, whether a live run holds it or not. One that the user has put
// something into, or replaced, is none any more. Takes no lock; empty if there is no journal.
std::vector<std::string> JournalledPlaceholders(const std::string& state_dir, const std::string& key);

// What `paddock gc` did with one journal.
struct CollectedLease {
  std::string workspace;
  std::vector<std::string> removed;  // placeholders taken away
  std::vector<std::string> kept;     // no longer ours: somebody put something there
  bool live = false;                 // a run holds it: left alone
  std::string unreadable;            // the name of a journal that may not be opened
  std::string quarantined;           // a journal that could not be read was set aside under this name
};

// Undoes what crashed runs left, for every journal below `state_dir` that no live run holds. A missing state_dir is an
// empty list. Safe beside running sandboxes.
absl::StatusOr<std::vector<CollectedLease>> CollectLeases(const std::string& state_dir);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LEASE_H_
