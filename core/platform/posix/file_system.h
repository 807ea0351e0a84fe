#ifndef PADDOCK_CORE_PLATFORM_POSIX_FILE_SYSTEM_H_
#define PADDOCK_CORE_PLATFORM_POSIX_FILE_SYSTEM_H_

#include <string>

#include "core/host/facts.h"
#include "core/platform/posix/mount_table.h"

namespace paddock {

struct FileSystemFacts {
  std::string name;  // "ext4", "btrfs", "fuse.sshfs", "drvfs"; a hexadecimal magic number if nothing names it
  WorkspaceLocation location = WorkspaceLocation::kUnknown;
  std::string location_source;
  Fact read_only;
  Fact case_insensitive;
};

// The file system of the directory `fd`, whose real path is `path`. The mount table names it exactly; where that is
// hidden, the magic number of statfs(2) does.
FileSystemFacts LookAtFileSystem(int fd, const std::string& path, const MountTable& mounts);

// Where a mount of that type keeps its files. Drvfs is a Windows volume seen from WSL.
WorkspaceLocation LocationOf(absl::string_view type, absl::string_view source, absl::string_view super_options,
                             absl::string_view mount_point);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_FILE_SYSTEM_H_
