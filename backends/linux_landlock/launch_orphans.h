#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_ORPHANS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_ORPHANS_H_

#include <sys/types.h>

#include <vector>

#include "core/platform/posix/unique_fd.h"

namespace paddock {

// Kills every process that has the socket of this inode open as its descriptor number `descriptor`, and gives their
// pidfds. For bwrap, killed before it told which process it had started: that one may wait for a word of bwrap's for
// ever, is nobody's child that the launcher knows, and is known by what it has inherited alone.
std::vector<UniqueFd> KillHoldersOf(ino_t socket, int descriptor);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_ORPHANS_H_
