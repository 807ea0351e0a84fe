#include "core/platform/posix/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace paddock {

void UniqueFd::reset(int fd) {
  // Swapped before closing: the object never names a descriptor that is closed already. A move onto oneself arrives
  // here with nothing owned, and keeps its descriptor.
  const int old = std::exchange(fd_, fd < 0 ? kNone : fd);
  if (old < 0) return;
  const int saved_errno = errno;
  // Never repeated on EINTR: Linux has released the number by then (close(2)).
  close(old);
  errno = saved_errno;
}

}  // namespace paddock
