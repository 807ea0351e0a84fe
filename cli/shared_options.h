#ifndef PADDOCK_CLI_SHARED_OPTIONS_H_
#define PADDOCK_CLI_SHARED_OPTIONS_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/parser.h"
#include "core/request/request.h"

namespace paddock::cli {

// The options of run, explain and plan, as typed. What they mean is decided in flags.h.
struct SharedOptions {
  std::optional<std::string> workspace, cwd, tty, report;
  std::optional<std::string> policy, profile, workload, command_os;
  std::optional<std::string> backend, prefer;
  std::optional<std::string> net;
  std::optional<std::string> wall, memory, processes, output;
  std::vector<std::string> rw, ro, hide, env, require;
  bool strict = false;
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

absl::StatusOr<TtyMode> ParseTtyMode(absl::string_view text);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_SHARED_OPTIONS_H_
