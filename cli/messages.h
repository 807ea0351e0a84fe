#ifndef PADDOCK_CLI_MESSAGES_H_
#define PADDOCK_CLI_MESSAGES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/output.h"
#include "core/base/reason.h"

namespace paddock::cli {

// Paddock's own words on stderr: one line each, beginning with "paddock: ", escaped. Failing writes are ignored: there
// is nowhere left to say so.
class Messages {
 public:
  explicit Messages(Output& err) : err_(err) {}

  // --quiet: notices go, errors stay.
  void SilenceNotices() { quiet_ = true; }

  void Error(absl::string_view text);
  void Notice(absl::string_view text);

  // "refused: DETAIL (CODE)", then the remedy on a line of its own.
  void Refusal(const Reason& reason);
  // The same for a status that carries a reason; else its message as it is.
  void Failure(const absl::Status& status);

 private:
  Output& err_;
  bool quiet_ = false;
};

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_MESSAGES_H_
