#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_DEDICATED_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_DEDICATED_H_

#include <functional>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "backends/windows_token/dedicated_user.h"
#include "backends/windows_token/launch_logon.h"
#include "backends/windows_token/launch_side.h"
#include "backends/windows_token/network_test.h"

namespace paddock {

// Hears how the network test ended; an error of it ends the launch.
using NetworkListener = std::function<absl::Status(const NetworkTestResult& result)>;

struct RunnerOptions {
  RunnerStarter* starter = nullptr;
  LaunchRecorder* recorder = nullptr;
  std::mutex* station = nullptr;  // as for MakeOwnTokenSide
  NetworkListener on_network;     // null: the network is not tested
  HANDLE interrupt = nullptr;     // an event that ends waits for the runner
};

// The token's side as a process of `user`, whose password is wiped once it has started. Everything that `options` names
// outlives the result. What the runner answers is believed of itself alone: what comes from it is checked to be in the
// job. Destroyed before a command was made, it ends the runner, and with it all that the runner has made.
std::unique_ptr<TokenSide> MakeRunnerTokenSide(DedicatedUser user, RunnerOptions options);

// Whether the filter of `user`, whose traffic it is to stop, stops it: starts the runner for that alone. For the end of
// `paddock setup`, and for whoever doubts.
absl::StatusOr<NetworkTestResult> VerifyNetworkFilter(DedicatedUser user, RunnerStarter& starter, std::mutex& station);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_DEDICATED_H_
