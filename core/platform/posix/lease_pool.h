#ifndef PADDOCK_CORE_PLATFORM_POSIX_LEASE_POOL_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LEASE_POOL_H_

#include <sys/stat.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/host/placeholder.h"

namespace paddock {

// Content of placeholder files: the only one, `.git/commondir`, so says that the common directory is the git directory.
inline constexpr char kPlaceholderContent[] = ".\n";

// Whether an open file holds that content. Nothing yet counts too: a crash may come between making the file and writing
// to it.
bool HoldsPlaceholderContent(int fd);

inline constexpr char kPoolSuffix[] = ".pool";

// The placeholders of one workspace while no run needs them, and its journal. Moving one into the workspace and back
// takes a fifth of the time of making and removing it (ext4), and a run has ten of them.
//
// A pool serves one workspace alone. A command of the same user, run under a policy that does not deny a name, may keep
// the placeholder that it finds there open, and write to it wherever it stands later.
//
// Works within one file system; elsewhere placeholders are made and removed. All calls are made with the mutex of the
// leases held, and are async-signal-safe but for Make and Prune.
class PlaceholderPool {
 public:
  // `name` in `leases`, the directory of the leases; both stay. Does without a pool if there is none there.
  PlaceholderPool(int leases, const char* name);
  ~PlaceholderPool();
  PlaceholderPool(const PlaceholderPool&) = delete;
  PlaceholderPool& operator=(const PlaceholderPool&) = delete;

  // Makes the pool for the next run, if there is none, and takes away those that were not used for a month.
  void Make() const;

  // Removes every pool that was not used for so long; for 0 every one.
  static void Prune(int leases, std::chrono::seconds unused_for);

  // Moves one of the pool to `name`; false if none is left or fits.
  bool Take(PlaceholderKind kind, int parent, const char* name);

  enum class Return { kDone, kKept, kUnable };
  // Moves `name`, found to be `st`, into the pool if it is as it was made. `untouched`: that is likely, which spares a
  // look before the one that decides. kUnable: it stands where it stood. kKept: somebody has taken its name meanwhile.
  Return GiveBack(int parent, const char* name, const struct stat& st, bool untouched);

  // The journal's file, in the directory of the leases.
  bool TakeJournal(const char* name) const;
  bool GiveBackJournal(const char* name) const;

 private:
  int leases_, directory_;
  const char* name_;
  std::array<int, 3> take_ = {}, give_ = {};  // by kind: the slots to try next
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LEASE_POOL_H_
