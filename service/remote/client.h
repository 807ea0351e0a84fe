#ifndef PADDOCK_SERVICE_REMOTE_CLIENT_H_
#define PADDOCK_SERVICE_REMOTE_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/remote.h"

namespace paddock::service {

// A client of paddock.v1 for the tool. See cli::ConnectFunction.
absl::StatusOr<std::unique_ptr<cli::Remote>> ConnectRemote(const std::string& socket);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_REMOTE_CLIENT_H_
