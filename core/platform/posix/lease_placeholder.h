#ifndef PADDOCK_CORE_PLATFORM_POSIX_LEASE_PLACEHOLDER_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LEASE_PLACEHOLDER_H_

#include <sys/stat.h>

#include <cstddef>

#include "core/platform/posix/lease_journal.h"

// Making one placeholder and taking it away again, by system calls alone: a guard does the latter on the memory of a
// process that was killed. All of it happens with the mutex of the leases held.

namespace paddock {

// Opens a directory (O_PATH) by its absolute path, through no symbolic link; -1 with errno.
int OpenDirectoryExact(const char* path);

// Empty directories that wait for their next use: moving one into a workspace and back takes a fifth of the time of
// mkdir and rmdir (ext4), and a run has ten of them. Works within one file system; elsewhere each is made and removed.
class PlaceholderPool {
 public:
  // `leases`: the directory of the leases, which stays open. Does without a pool if there is none there.
  explicit PlaceholderPool(int leases);
  ~PlaceholderPool();
  PlaceholderPool(const PlaceholderPool&) = delete;
  PlaceholderPool& operator=(const PlaceholderPool&) = delete;

  // Makes the pool for the next run, if there is none.
  void Make() const;

  // Moves a directory of the pool to `name`; false if none is left or fits.
  bool Take(int parent, const char* name);

  enum class Return { kDone, kKept, kUnable };
  // Moves the directory `name`, found to be `st`, into the pool if it is as mkdir makes one. kKept: it holds something,
  // and stands where it stood.
  Return GiveBack(int parent, const char* name, const struct stat& st);

 private:
  int leases_, directory_;
  int take_ = 0, give_ = 0;  // the slots to try next
};

// What a placeholder has to be, to be taken away.
struct PlaceholderIdentity {
  unsigned long long device = 0, inode = 0;
  // Of a directory when it was put there, if known: still the same, nothing was put into it, most likely. Only spares a
  // look before the one that decides.
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

// Whether the file at `name` holds what a placeholder file holds. Nothing yet counts too: a crash may come between
// making the file and writing to it.
bool HoldsOwnContent(int parent, const char* name);

// Takes away everything that the journal lists, and tells report(path, Removal) of each. False if a line is malformed.
template <typename Report>
bool RemoveAll(const char* text, size_t size, PlaceholderPool* pool, Report report) {
  return ForEachEntryBackwards(text, size, [&](JournalEntry* entry) {
    if (entry->foreign) return;
    if (!entry->made) {
      const Known known = KnownOf(text, size, entry->path);
      if (known.made || known.foreign || !AdoptUnrecorded(entry)) return;
    }
    report(entry->path, RemovePlaceholder(entry, pool));
  });
}

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LEASE_PLACEHOLDER_H_
