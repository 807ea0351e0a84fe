#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_LAUNCH_ERROR_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_LAUNCH_ERROR_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Failures of a launch, all of them before anything ran: Unavailable with a reason, so that the next candidate may be
// tried.

namespace paddock {

// A step that the system refused: `tried` and the system's own sentence for `error`.
absl::Status StepRefused(absl::string_view code, absl::string_view tried, uint32_t error);

// The same with GetLastError() and `setup_failed`.
absl::Status StepFailed(absl::string_view tried);

// What was set is not what the system says is there.
absl::Status ReadBackFailed(absl::string_view what);

bool HasReason(const absl::Status& status, absl::string_view code);

// An error of another layer as one of a launch: its own reason, if it has one, else `setup_failed`.
absl::Status AsUnavailable(const absl::Status& status);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_LAUNCH_ERROR_H_
