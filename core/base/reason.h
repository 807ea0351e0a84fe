#ifndef PADDOCK_CORE_BASE_REASON_H_
#define PADDOCK_CORE_BASE_REASON_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/json.h"

// Why something was refused, in a form that programs can match and people can act on. Every refusal of Paddock carries
// one: in a Decision, in a Report, or attached to an absl::Status.

namespace paddock {

struct Reason {
  // Stable, snake_case, documented in docs/reasons.md; may carry an argument after a colon
  // ("guarantee_unreachable:network"). A backend outside this tree may have codes of its own: they begin with its name
  // ("posix_limits_no_terminal") and bring their remedy with them.
  std::string code;
  // What was found on this host or in this request, in one sentence.
  std::string detail;
  // What to do about it; a command where there is one. Empty: the table's remedy for the code.
  std::string remedy;

  friend bool operator==(const Reason&, const Reason&) = default;
};

// One row of the table from which docs/reasons.md is generated.
struct ReasonCode {
  absl::string_view code;  // without the argument
  absl::string_view meaning;
  absl::string_view remedy;
};

// All codes, sorted by code.
const std::vector<ReasonCode>& ReasonCodes();

// The row for `code` (an argument after a colon is ignored), or nullptr.
const ReasonCode* FindReasonCode(absl::string_view code);

// A Reason whose remedy comes from the table. `code` must be in the table: checked in debug builds and by a test that
// greps the sources.
Reason MakeReason(absl::string_view code, absl::string_view detail);

// A status that carries `reason`; its message is "<detail> (<code>). <remedy>".
absl::Status ReasonError(absl::StatusCode status_code, const Reason& reason);
absl::Status ReasonError(absl::StatusCode status_code, absl::string_view code, absl::string_view detail);

// The reason attached to `status`, or nullopt.
std::optional<Reason> ReasonOf(const absl::Status& status);

// {"code", "detail", "remedy"}.
Json ToJson(const Reason& reason);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_REASON_H_
