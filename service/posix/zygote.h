#ifndef PADDOCK_SERVICE_POSIX_ZYGOTE_H_
#define PADDOCK_SERVICE_POSIX_ZYGOTE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace paddock::service {

// Where the daemon leaves the socket for the program `paddock-zygote`.
inline constexpr int kZygoteSocket = 3;

// Forks a runner for each descriptor that comes over `socket` (SOCK_SEQPACKET, SCM_RIGHTS), until the daemon's end of
// it is closed; `serve` is what a runner does with it, and its exit status is what that returns. Then waits for the
// runners, which see the end of the daemon as well and end what they run. A runner is killed if this process is, and
// the kernel ends the sandbox with it.
//
// This process is single-threaded and small, so that a fork of it costs little and is safe; it knows nothing of gRPC.
absl::Status RunZygote(int socket, absl::FunctionRef<int(int)> serve);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_ZYGOTE_H_
