#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_DESCRIPTOR_WALK_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_DESCRIPTOR_WALK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/audit/snapshot.h"

namespace paddock {

// The descriptors of everything below `roots`, which are paths of a snapshot, and the account of this process's token.
// Reads with what rights the caller has, enables no privilege, opens no file for its content, changes nothing. Links,
// junctions and other reparse points are listed, and gone into only where they are a root. What cannot be read is part
// of the answer with the system's message; at kMaxSnapshotEntries it ends, incomplete. Roots that lie in others are
// walked once.
//
// An error if a root cannot be looked up, or if the token cannot be read.
absl::StatusOr<audit::Snapshot> WalkDescriptors(const std::vector<std::string>& roots);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_DESCRIPTOR_WALK_H_
