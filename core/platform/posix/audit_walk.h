#ifndef PADDOCK_CORE_PLATFORM_POSIX_AUDIT_WALK_H_
#define PADDOCK_CORE_PLATFORM_POSIX_AUDIT_WALK_H_

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/audit/observations.h"

namespace paddock {

struct AuditLimits {
  uint64_t max_entries = 2'000'000;      // visited in each tree
  uint64_t max_files_read = 200'000;     // searched for secrets, in all trees together
  uint64_t max_bytes_read = 512u << 20;  // the same
  size_t max_file_bytes = 1u << 20;      // of one file
  uint64_t max_links_resolved = 20'000;  // symbolic links that are followed to their end
  uint64_t max_store_entries = 200'000;  // visited in search of other names of linked files
};

// Walks `trees`, real paths none of which lies in another, into the fields of `seen` that speak of trees: whatever is
// writable by others, set-id, special, linked, or a secret. Follows no symbolic link on the way, opens no FIFO, device
// or socket, and leaves access times as they are where it may. A file that is another one by the time that it is opened
// is left out, and the scan is not complete then.
//
// Texts are searched for secrets outside `.git` alone (objects are compressed), and only if no NUL is among their first
// bytes. `stores` are directories that are searched for further names of files with names outside the trees.
void WalkForAudit(const std::vector<std::string>& trees, const std::vector<std::string>& stores,
                  const AuditLimits& limits, audit::Observations* seen);

audit::Node MakeNode(std::string path, const struct stat& status);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_AUDIT_WALK_H_
