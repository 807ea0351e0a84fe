#ifndef PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_BACKEND_H_
#define PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_BACKEND_H_

#include <memory>

#include "core/backend/backend.h"

namespace posix_limits {

// Resource limits and nothing else: setrlimit(2), a wall clock, a bound on output, and the end of the process group.
// What the caller may read, write and connect to, the command may too, so that only a request which says so gets it.
std::unique_ptr<paddock::Backend> MakeBackend();

}  // namespace posix_limits

#endif  // PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_BACKEND_H_
