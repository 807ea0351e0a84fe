#ifndef PADDOCK_CORE_PLATFORM_POSIX_LEASE_DIRECTORY_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LEASE_DIRECTORY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {

// FailedPrecondition `state_dir_unusable`: "WHAT PATH: " and the system's word for `error`.
absl::Status StateError(absl::string_view what, absl::string_view path, int error);

// The directory of the leases with its mutex held; both are let go with the object.
struct LockedLeases {
  UniqueFd directory, mutex;
};
absl::StatusOr<LockedLeases> LockLeases(const std::string& state_dir);

// Makes the directory `path` of Paddock's state, and those above it, for the user alone.
absl::Status MakeStateDirectory(const std::string& path);

// Makes the directory that LockLeases opens.
absl::Status MakeLeaseDirectory(const std::string& state_dir);

// The names in an open directory; nullopt with errno.
std::optional<std::vector<std::string>> NamesIn(int directory);

// Takes the mutex of an open directory of leases; let go with the descriptor. Invalid, with errno, if it cannot be had.
// Async-signal-safe.
UniqueFd LockMutex(int leases);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LEASE_DIRECTORY_H_
