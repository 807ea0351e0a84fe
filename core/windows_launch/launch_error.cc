#include "core/windows_launch/launch_error.h"

#include <optional>

#include "core/base/reason.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

absl::Status StepRefused(absl::string_view code, absl::string_view tried, uint32_t error) {
  return ReasonError(absl::StatusCode::kUnavailable, code, Win32Status(error, tried).message());
}

absl::Status StepFailed(absl::string_view tried) { return StepRefused("setup_failed", tried, GetLastError()); }

absl::Status ReadBackFailed(absl::string_view what) {
  return ReasonError(absl::StatusCode::kUnavailable, "readback_failed", what);
}

bool HasReason(const absl::Status& status, absl::string_view code) {
  const std::optional<Reason> reason = ReasonOf(status);
  return reason.has_value() && reason->code == code;
}

absl::Status AsUnavailable(const absl::Status& status) {
  if (absl::IsUnavailable(status) && ReasonOf(status).has_value()) return status;
  const std::optional<Reason> reason = ReasonOf(status);
  return ReasonError(absl::StatusCode::kUnavailable, reason.value_or(MakeReason("setup_failed", status.message())));
}

}  // namespace paddock
