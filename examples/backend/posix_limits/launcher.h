#ifndef PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCHER_H_
#define PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCHER_H_

#include <memory>

#include "core/backend/launcher.h"

namespace posix_limits {

// Carries out plans of MakeBackend(). Linux only: it needs clone3(2) with a pidfd (Linux 5.3) and close_range(2) with
// CLOSE_RANGE_CLOEXEC (5.11), and is Unavailable where either is refused.
std::unique_ptr<paddock::Launcher> MakeLauncher();

}  // namespace posix_limits

#endif  // PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCHER_H_
