#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_HOME_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_HOME_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "backends/linux_landlock/launch_child.h"
#include "backends/linux_landlock/launch_sandbox.h"

// The kept layer of the home (filesystem.home = "kept"), where a plan has one. Whether it can be had is only known by
// trying: another run may have it, its file system may not carry an overlay, an earlier command may have left in it
// what is in the way. The run then gets a layer that is thrown away, and says so.

namespace paddock {

// Takes the layer for `state`, and points `spec` to it; else sets state->home_lost. Does nothing if that is set.
void AcquireHomeLayer(ChildSpec* spec, LaunchState* state);

// Why to try once more without the layer, after a launch with it that failed with `failure`; nullopt if it is not that.
std::optional<Reason> HomeLayerObstacle(const LaunchState& state, const absl::Status& failure);

std::string HomeLostText(const Reason& reason);
void TellHomeLost(const Reason& reason, RunResult* result);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_HOME_H_
