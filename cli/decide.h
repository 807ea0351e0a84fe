#ifndef PADDOCK_CLI_DECIDE_H_
#define PADDOCK_CLI_DECIDE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/parser.h"
#include "cli/shared_options.h"
#include "compose/decide.h"

// What explain and plan share: options, and everything up to the decision, for this host or for one in a file.

namespace paddock::cli {

struct DecideOptions {
  SharedOptions shared;
  std::optional<std::string> host;
  bool json = false;
  bool help = false;
};

std::vector<OptionRow> DecideRows(DecideOptions* options);

// Without a command, `true` is decided for.
absl::StatusOr<Decided> Decide(const DecideOptions& options, const std::vector<std::string>& command);

// Prints what `json` or `text` makes, as --json has it, and the JSON into --report FILE if that was given.
int PrintResult(const DecideOptions& options, absl::FunctionRef<std::string()> json,
                absl::FunctionRef<std::string()> text, const Context& context);

// The same of a daemon: its answer, and that printed; without --json as JSON for people.
absl::StatusOr<Remote::Answer> AskRemote(Remote::Question question, const DecideOptions& options,
                                         const std::vector<std::string>& command, const Context& context);
int PrintAnswer(const DecideOptions& options, const std::string& json, const Context& context);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_DECIDE_H_
