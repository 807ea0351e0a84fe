#ifndef PADDOCK_SERVICE_POSIX_CONNECT_H_
#define PADDOCK_SERVICE_POSIX_CONNECT_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock::service {

// A connection to the daemon at `path`. Unavailable (`service_unreachable`): nobody serves there, or somebody else than
// this user or root: who could put a socket in the daemon's place would get the environment of whoever connects.
absl::StatusOr<UniqueFd> ConnectToDaemon(const std::string& path);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_CONNECT_H_
