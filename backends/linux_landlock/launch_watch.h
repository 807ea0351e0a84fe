#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_WATCH_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_WATCH_H_

#include <sys/stat.h>

#include <cstdint>
#include <vector>

#include "backends/linux_landlock/linux_plan.h"
#include "core/report/outcome.h"

namespace paddock {

// Compares the plan's watched paths before and after a run, on the host's side. Finds what no mount could hold (a name
// that only a report covers, a file that somebody on the host renamed over), without saying who did it.
class Watch {
 public:
  explicit Watch(const std::vector<WatchedPath>& paths);

  // Adds what changed since the construction to `result`.
  void Compare(RunResult* result) const;

 private:
  struct Entry {
    const WatchedPath* path;
    bool existed;
    struct stat before;
    uint64_t below;  // of what a deeply watched directory holds; 0: not looked at
  };
  std::vector<Entry> entries_;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_WATCH_H_
