#ifndef PADDOCK_CLI_COMPLETION_H_
#define PADDOCK_CLI_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/manual.h"

// Scripts with which a shell completes paddock's command line, made from the tables that parsing and help use. They
// carry the tables and start no process of Paddock's: a key press costs nothing, and a paddock that is not the one on
// PATH is not started by looking at it. After `--` the shell completes as if the command stood alone.

namespace paddock::cli {

struct Shell {
  absl::string_view name;  // "bash"
  absl::string_view file;  // where a package installs its script, below share/
  std::string (*script)(const Manual& manual);
};
absl::Span<const Shell> Shells();

std::string BashCompletion(const Manual& manual);
std::string ZshCompletion(const Manual& manual);
std::string FishCompletion(const Manual& manual);

// What is completed: the tool itself under the name "", its subcommands, and `help`, which takes one of their names.
std::vector<CommandEntry> CompletedCommands(const Manual& manual);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_COMPLETION_H_
