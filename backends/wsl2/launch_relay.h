#ifndef PADDOCK_BACKENDS_WSL2_LAUNCH_RELAY_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCH_RELAY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "core/policy/load.h"
#include "core/request/request.h"
#include "core/runtime/runtime.h"

// The relay itself: frames on two descriptors, a Runtime behind them.

namespace paddock::wsl2 {

struct RelayOptions {
  int in = 0, out = 1;  // pipes or sockets, to the host; made non-blocking
  std::string nonce;
  Caller caller;                    // this side's
  std::optional<PolicyFile> admin;  // this side's ceiling
  bool facts_only = false;          // say what this side is, and end
  // A SignalRelay's handle: signals sent to the relay go on to the command. Where the host goes while the sandbox is
  // still being set up, the relay sends itself SIGTERM for it to end. -1: neither.
  intptr_t signals = -1;
};

// Serves one run. Returns when the host has been told its end; an error if the host went away before that, or did not
// keep to the protocol: whatever ran has been ended then. A thread of its own reads from the host and never waits for
// the command: end of input, or an error, without the run's end is the host's death.
absl::Status ServeRelay(const Runtime& runtime, const RelayOptions& options);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCH_RELAY_H_
