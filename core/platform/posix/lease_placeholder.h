#ifndef PADDOCK_CORE_PLATFORM_POSIX_LEASE_PLACEHOLDER_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LEASE_PLACEHOLDER_H_

#include <sys/stat.h>

#include <cstddef>

#include "core/platform/posix/lease_journal.h"
#include "core/platform/posix/lease_pool.h"

// Making one placeholder and taking it away again, by system calls alone: a guard does the latter on the memory of a
// process that was killed. All of it happens with the mutex of the leases held.

namespace paddock {

// Opens a directory (O_PATH) by its absolute path, through no symbolic link; -1 with errno.
int OpenDirectoryExact(const char* path);

// Makes one where there is none in the pool; false with errno.
bool MakePlaceholder(PlaceholderKind kind, int parent, const char* name);

// An ordinary user's command may have taken the owner's rights from a directory that holds a placeholder. As long as
// this lives, the owner may search and write it: nothing for root, who needs no rights, and where others own it.
class LentRights {
 public:
  explicit LentRights(int directory);  // may be O_PATH; a negative one is none
  ~LentRights();
  LentRights(const LentRights&) = delete;
  LentRights& operator=(const LentRights&) = delete;

 private:
  char path_[32] = {};
  mode_t mode_ = 0;
  bool lent_ = false;
};

// What a placeholder has to be, to be taken away.
struct PlaceholderIdentity {
  unsigned long long device = 0, inode = 0;
  // When it was put there, if known: still the same, nothing was written to it, most likely.
  struct timespec changed = {};
};

enum class Removal { kRemoved, kGone, kKept };

// Takes `name` away if it is that inode and holds nothing but what a run puts there. `pool` may be null.
Removal RemovePlaceholderAt(int parent, const char* name, const PlaceholderIdentity& identity, PlaceholderPool* pool);

// The same by path; kGone if its directory cannot be reached without following a link. Changes `entry->path` meanwhile.
Removal RemovePlaceholder(JournalEntry* entry, PlaceholderPool* pool);

// Whether `st` is a file, or else a directory, as an intent says.
bool IsOfKind(const struct stat& st, bool file);

// An intent without an inode is the trace of a crash between making and recording. What stands there is taken for ours
// if it is of the intended type; removal takes it away only if it is as empty as it was made.
bool AdoptUnrecorded(JournalEntry* entry);

// HoldsPlaceholderContent() of the file at `name`; false if it cannot be opened.
bool HoldsOwnContent(int parent, const char* name);

// Takes away everything that the journal lists, and tells report(path, Removal) of each. False if a line is malformed.
template <typename Report>
bool RemoveAll(const char* text, size_t size, PlaceholderPool* pool, Report report) {
  return ForEachEntryBackwards(text, size, [&](JournalEntry* entry) {
    if (entry->foreign) return;
    if (!entry->made) {
      const JournaledPath known = JournaledPathOf(text, size, entry->path);
      if (known.made || known.foreign || !AdoptUnrecorded(entry)) return;
    }
    report(entry->path, RemovePlaceholder(entry, pool));
  });
}

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LEASE_PLACEHOLDER_H_
