#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_BACKEND_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_BACKEND_H_

#include <memory>

#include "core/backend/backend.h"

namespace paddock {

// Native Linux: namespaces, Landlock and seccomp, in one of three tiers (docs/architecture.md). Decisions only; the
// launcher is in launcher.h.
std::unique_ptr<Backend> MakeLinuxLandlockBackend();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_BACKEND_H_
