#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_RUNNER_DESKTOP_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_RUNNER_DESKTOP_H_

#include "absl/status/statusor.h"
#include "core/windows_launch/desktop.h"

namespace paddock {

// Where the runner starts, which draws nothing: a desktop of the developer's apart from the interactive one, that
// `group` may use. A program whose desktop it may not open does not start at all. Not for two threads at a time.
absl::StatusOr<RunDesktop> MakeRunnerDesktop(const access::Sid& developer, const access::Sid& group,
                                             LaunchRecorder& recorder);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_RUNNER_DESKTOP_H_
