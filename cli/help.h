#ifndef PADDOCK_CLI_HELP_H_
#define PADDOCK_CLI_HELP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/parser.h"

namespace paddock::cli {

struct HelpLine {
  absl::string_view left;
  absl::string_view right;
};

// What a subcommand takes by its place: "FILE", or a word of a closed set.
struct Operand {
  absl::string_view name;
  ValueKind kind = ValueKind::kText;
  ValueSet values = nullptr;  // kChoice
};

// What --help prints: enough to type the right command without another page.
struct HelpText {
  absl::string_view usage;
  absl::string_view about;
  std::vector<Operand> operands;   // in order
  bool takes_command = false;      // "-- CMD [ARG...]" ends it
  std::vector<HelpLine> commands;  // the tool's own page: its subcommands
  std::vector<HelpLine> examples;  // what one would type, and what it does
  std::vector<HelpLine> statuses;  // exit statuses
};

std::string RenderHelp(const HelpText& help, const std::vector<OptionRow>& rows, bool color);

// The row's help with its values filled in.
std::string OptionHelp(const OptionRow& row);

// The row of those that print JSON of a published schema.
OptionRow JsonRow(bool* target);
// The row that every subcommand ends its table with.
OptionRow HelpRow(bool* target);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_HELP_H_
