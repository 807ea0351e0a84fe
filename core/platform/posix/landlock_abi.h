#ifndef PADDOCK_CORE_PLATFORM_POSIX_LANDLOCK_ABI_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LANDLOCK_ABI_H_

#include "core/host/fact.h"

// Asked of the kernel by landlock_create_ruleset(2), which creates nothing with these flags; /sys and the kernel's
// version say less (a distribution may carry patches, Landlock may be off at boot).

namespace paddock {

// The ABI, from 1; 0 if the kernel has none (ENOSYS) or it is disabled at boot (EOPNOTSUPP). Unknown if the question
// itself is refused, by a seccomp filter for example.
Known<int> LandlockAbi();

// Bit mask of the errata that are fixed (flag LANDLOCK_CREATE_RULESET_ERRATA, since 6.15 and its stable backports).
// Unknown where the kernel does not know the question.
Known<int> LandlockErrata();

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LANDLOCK_ABI_H_
