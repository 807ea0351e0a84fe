#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_IDMAP_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_IDMAP_H_

#include <string>

#include "absl/status/statusor.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {

// A detached clone of the tree at `path` in which the owner of its root and the caller have changed places: what the
// owner has on disk appears as the caller's, and what the caller makes belongs to the owner. For a root launcher in
// somebody else's workspace, where root without CAP_DAC_OVERRIDE could write nothing. Needs CAP_SYS_ADMIN in the first
// user namespace, Linux 5.12 and a file system that takes id-mapped mounts; else Unavailable `workspace_foreign_owned`.
absl::StatusOr<UniqueFd> CloneIdMapped(const std::string& path, const Identity& identity, int64_t caller_uid,
                                       int64_t caller_gid);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_IDMAP_H_
