#ifndef PADDOCK_CLI_MANUAL_H_
#define PADDOCK_CLI_MANUAL_H_

#include <string>
#include <vector>

#include "cli/command.h"

// The tables of the whole tool in one place, for what is made of all of them: shell completion and the manual pages.
// They are read from the subcommands themselves, by asking each for its --help: one that is added is here, and so is
// every option of it.

namespace paddock::cli {

struct OptionEntry {
  std::string group;
  std::vector<std::string> names;  // "-q", "--quiet"; the long one last
  std::string value;               // "TIME"; empty for a switch
  std::string help;
  bool repeats = false;
  ValueKind kind = ValueKind::kText;
  std::vector<std::string> values;  // of a closed set, and of kBackend
};

struct OperandEntry {
  std::string name;
  ValueKind kind = ValueKind::kText;
  std::vector<std::string> values;
};

struct ManualLine {
  std::string left, right;
};

struct CommandEntry {
  std::string name;     // empty for the tool itself
  std::string summary;  // one line
  std::string usage, about;
  std::vector<OptionEntry> options;
  std::vector<OperandEntry> operands;
  std::vector<ManualLine> examples, statuses;
  bool takes_command = false;
};

struct Manual {
  CommandEntry tool;
  std::vector<CommandEntry> commands;
};

Manual ReadManual();

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_MANUAL_H_
