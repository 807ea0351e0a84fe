#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_RUN_DIRECTORY_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_RUN_DIRECTORY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/platform/posix/run_directory.h"

namespace paddock {

// Fills the run's directory as `plan` says, and returns the plan with its paths filled in: a rule that lets the command
// write there, TMPDIR and HOME.
absl::StatusOr<std::shared_ptr<const LinuxPlan>> UseRunDirectory(const LinuxPlan& plan, const RunDirectory& directory);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_RUN_DIRECTORY_H_
