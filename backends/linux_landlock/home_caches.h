#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_HOME_CACHES_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_HOME_CACHES_H_

#include "absl/strings/string_view.h"

namespace paddock {

// True for directories of a home that tools write to all the time and could fill anew. They are empty in a run's home
// that shows the rest of the host's read-only (tiers bubblewrap and landlock).
bool IsCacheOfHome(absl::string_view name);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_HOME_CACHES_H_
