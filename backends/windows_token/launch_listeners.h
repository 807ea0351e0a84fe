#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LISTENERS_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LISTENERS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/windows_token/network_test.h"

// The sockets of the network test: the launcher's listeners, and the runner's tries.

namespace paddock {

class LoopbackListeners {
 public:
  virtual ~LoopbackListeners() = default;
  // Of each family that this machine has, IPv4 first.
  virtual const std::vector<ConnectTry>& tries() const = 0;
  // Whether anybody has connected so far.
  virtual bool Arrived() = 0;
};
absl::StatusOr<std::unique_ptr<LoopbackListeners>> ListenOnLoopback();

// Tries each, and closes what it gets.
std::vector<ConnectResult> TryConnections(const std::vector<ConnectTry>& tries);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LISTENERS_H_
