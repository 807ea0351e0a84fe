#ifndef PADDOCK_SERVICE_POSIX_RUNNER_H_
#define PADDOCK_SERVICE_POSIX_RUNNER_H_

#include <string>

#include "absl/status/status.h"

namespace paddock::service {

// One task of the daemon's, in a process of its own: a policy that crashes the parser, or a workspace on a file system
// that hangs, harms nobody else. `channel` is a stream socket to the daemon, in the frames of backends/wsl2/frame.h.
// Returns when the daemon has been told the end; an error if it went away before: whatever ran has been ended then.
//
// Call it in a process without other threads; the current directory becomes the client's. `tool`: RuntimeOptions.
absl::Status ServeTask(int channel, const std::string& tool);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_RUNNER_H_
