#ifndef PADDOCK_CLI_RENDER_SETUP_H_
#define PADDOCK_CLI_RENDER_SETUP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/json.h"
#include "core/host/fact.h"
#include "provision/setup_plan.h"
#include "provision/setup_record.h"
#include "provision/setup_request.h"

// What `paddock setup` and `paddock teardown` print.

namespace paddock::cli {

// A line for each step, in order.
std::string RenderSetupPlan(const provision::SetupPlan& plan);

std::string RenderStepNews(const provision::StepNews& news);
// Schema "paddock.setup-result/1". `error`: OK, or what went wrong.
Json SetupResultJson(const std::vector<provision::StepNews>& news, const absl::Status& error);

struct SetupStatus {
  std::optional<provision::SetupRecord> record;
  std::string user;        // SID of who asks
  bool passwords = false;  // and has these
  bool runner = false;     // the program is where the record says
  Fact network_filter;     // how its last test ended (WindowsFacts::network_filter_verified)
};
// How the test at the end of set-up ended.
std::string RenderFilterTry(absl::string_view tried);
std::string RenderSetupStatus(const SetupStatus& status);
// Schema "paddock.setup-status/1".
Json ToJson(const SetupStatus& status);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_RENDER_SETUP_H_
