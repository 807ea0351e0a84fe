#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LANDLOCK_RIGHTS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LANDLOCK_RIGHTS_H_

#include <cstdint>

#include "backends/linux_landlock/linux_plan.h"

// Landlock's access rights by ABI version, from the kernel's Documentation/userspace-api/landlock.rst: an own table,
// because Debian 12's headers end at ABI 2.

namespace paddock {

// The newest ABI whose rights this table knows; a newer kernel is used at this one.
inline constexpr int kNewestLandlockAbi = 7;

// The ABI that rights are asked of: the host's, up to the newest that this table knows. 0: none, or not known.
int UsedLandlockAbi(const LinuxFacts& host);

// Scopes, for abstract unix sockets and signals, are there from this ABI on (Linux 6.12).
inline constexpr int kLandlockScopesSince = 6;

// All file system rights that `abi` (1 to 7) can restrict; 0 below 1.
uint64_t LandlockHandledFs(int abi);
// TCP bind and connect (ABI 4), for a ruleset that allows neither.
uint64_t LandlockHandledNet(int abi);
// Scopes (ABI 6): abstract unix sockets and signals towards processes outside.
uint64_t LandlockScopes(int abi);
// What `grant` allows below its path, within LandlockHandledFs(abi).
uint64_t LandlockAllowed(LandlockGrant grant, int abi);
// The part of `access` that the kernel takes for a path that is no directory (others give EINVAL).
uint64_t LandlockFileRights(uint64_t access);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LANDLOCK_RIGHTS_H_
