#ifndef PADDOCK_CLI_SHARED_OPTIONS_H_
#define PADDOCK_CLI_SHARED_OPTIONS_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "cli/parser.h"
#include "compose/run_settings.h"

namespace paddock::cli {

// The options of run, explain and plan, as typed.
struct SharedOptions : RunSettings {
  std::optional<std::string> report;
};

// The rows for `options`, which must outlive them.
std::vector<OptionRow> SharedRows(SharedOptions* options);
// Those of them that are called `names`, for a subcommand that takes no more.
std::vector<OptionRow> SharedRows(SharedOptions* options, std::initializer_list<absl::string_view> names);
// All but those.
std::vector<OptionRow> SharedRowsWithout(SharedOptions* options, std::initializer_list<absl::string_view> names);

// The command line of a subcommand, cut at the first "--".
struct CutArguments {
  std::vector<std::string> options;
  bool has_command = false;          // there was a "--"
  std::vector<std::string> command;  // all that follows it
};
CutArguments CutAtCommand(const std::vector<std::string>& args);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_SHARED_OPTIONS_H_
