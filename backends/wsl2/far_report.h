#ifndef PADDOCK_BACKENDS_WSL2_FAR_REPORT_H_
#define PADDOCK_BACKENDS_WSL2_FAR_REPORT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/wsl2/wsl2_plan.h"
#include "core/report/report.h"

namespace paddock::wsl2 {

// What a run's kExited frame says, as the result of the run here: rules and paths of the workspace under their names on
// Windows, what holds by name alone not called enforced, and the far report itself as `inner`. InvalidArgument
// (`relay_protocol`) if it is no report.
absl::StatusOr<RunResult> ResultOf(absl::string_view exited, const Wsl2Plan& plan);

// A kViolation's and a kNotice's payload.
absl::StatusOr<Violation> ParseViolation(absl::string_view payload);
absl::StatusOr<std::string> ParseNotice(absl::string_view payload);
// A kStarted's.
absl::StatusOr<int64_t> ParseStarted(absl::string_view payload);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_FAR_REPORT_H_
