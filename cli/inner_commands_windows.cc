#include "cli/command.h"

namespace paddock::cli {

absl::Span<const Command> InnerCommands() { return {}; }

}  // namespace paddock::cli
