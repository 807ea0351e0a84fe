#ifndef PADDOCK_CORE_PLATFORM_POSIX_PATH_LOOKUP_H_
#define PADDOCK_CORE_PLATFORM_POSIX_PATH_LOOKUP_H_

#include <sys/stat.h>

#include <string>
#include <vector>

#include "core/host/facts.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {

// Looks at `path`, absolute and of any length; ".." goes up from where the component before it leads, as in the kernel.
// Opens nothing but O_PATH descriptors, so that no FIFO blocks and no device notices.
//
// type and the numbers are those of the path itself, a final link not followed. real_path has all links resolved; of an
// absent path it is the real path of the deepest ancestor that exists with the rest appended; of a link that leads
// nowhere, or round in a circle, it is empty. via is filled in where a link leads on through other links, or up again;
// ".." alone at the start of its text only leaves directories that hold the link. kUnreadable: a directory on the way
// may not be searched, or the system gave another error.
PathFacts LookAtPath(const std::string& path);

// The same, and every symbolic link that was crossed, by its own real path, in order.
struct PathLook {
  PathFacts facts;
  std::vector<std::string> links;
};
PathLook LookAtPathAndLinks(const std::string& path);

// Opens `path`, absolute and of any length, no component of which may be a symbolic link. Invalid, with errno set, if
// that fails; ELOOP means a link.
UniqueFd OpenWithoutLinks(const std::string& path, int flags);

// Type, device, inode, owner and mode from `status`.
void FillPathFacts(const struct stat& status, PathFacts& facts);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_PATH_LOOKUP_H_
