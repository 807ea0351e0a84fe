#ifndef PADDOCK_BACKENDS_WSL2_RELAY_REQUEST_H_
#define PADDOCK_BACKENDS_WSL2_RELAY_REQUEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/wsl2/nested_run.h"
#include "core/report/report.h"
#include "core/request/request.h"

// The relay's decisions, as functions of data.

namespace paddock::wsl2 {

// What `run` is on this side, for `caller`: its home and environment are this side's. The directory that the host
// places relays in is hidden from the command, and FailedPrecondition `grant_holds_paddock` says that the command could
// write there, or the relay's own program: it would own the next run.
absl::StatusOr<Request> RelayRequest(const NestedRun& run, const Caller& caller);

// The report as a kExited frame's payload. One that would be too long loses what is longest: it says so in a notice.
std::string ExitedPayload(Report report);

// Payloads of kStarted, kViolation and kNotice.
std::string StartedPayload(int64_t process_id);
std::string ViolationPayload(const Violation& violation);
std::string NoticePayload(absl::string_view text);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_RELAY_REQUEST_H_
