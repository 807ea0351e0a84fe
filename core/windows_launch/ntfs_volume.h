#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_NTFS_VOLUME_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_NTFS_VOLUME_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/lease/acl_volume.h"

namespace paddock {

// The volumes of this host. Children are opened relative to the handle of their directory, and reparse points as
// themselves, so that no name is resolved twice. A file is opened for what its user may do with it: what its rights do
// not allow fails at the call that needs it, with PermissionDenied.
std::unique_ptr<AclVolumes> MakeNtfsVolumes();

// The state directory `path`, made if it is missing. Names are file names of its own, without separators; locks are
// files "NAME.lock". Not on a network.
absl::StatusOr<std::unique_ptr<LeaseState>> OpenLeaseState(const std::string& path);

// Removes what killed processes had not yet moved into its place in the state directory `path`, which is there.
// `lock_of`: the lock that whoever writes a record holds, so that what somebody is about to move stays.
absl::Status RemoveUnfinished(const std::string& path,
                              const std::function<std::string(absl::string_view record)>& lock_of);

// Makes the directory `path` and those above it that are missing.
absl::Status MakeDirectories(const std::string& path);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_NTFS_VOLUME_H_
