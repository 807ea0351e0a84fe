#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_NTFS_VOLUME_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_NTFS_VOLUME_H_

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

// Makes the directory `path` and those above it that are missing.
absl::Status MakeDirectories(const std::string& path);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_NTFS_VOLUME_H_
