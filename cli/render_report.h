#ifndef PADDOCK_CLI_RENDER_REPORT_H_
#define PADDOCK_CLI_RENDER_REPORT_H_

#include <string>
#include <vector>

#include "core/report/report.h"

namespace paddock::cli {

// What `paddock run` says after a run, a line each, not escaped yet.
struct RunMessages {
  std::vector<std::string> errors;   // why there is no status of the command's own
  std::vector<std::string> notices;  // what the user did not ask for: fallbacks, violations, what was left behind
};

// `reported`: the report goes to a file of the user's choice, which says what was left behind, so that this does not.
RunMessages MessagesFor(const Report& report, bool reported = false);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_RENDER_REPORT_H_
