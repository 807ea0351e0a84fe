#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/completion.h"

namespace paddock::cli {
namespace {

constexpr absl::string_view kHead =
    R"fish(# Completion of paddock's command line, as `paddock completion fish` prints it.

# Whether the subcommand is one of those named.
function __paddock_in
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

# Whether no subcommand has been given yet.
function __paddock_first
    test (count (commandline -opc)) -eq 1
end

# Whether N operands stand after the subcommand: those words that are no options, and no values of options in $argv[2..].
function __paddock_operands
    set -l wanted $argv[1]
    set -l valued $argv[2..-1]
    set -l found 0
    set -l value 0
    for word in (commandline -opc)[3..-1]
        if test $value -eq 1
            set value 0
        else if contains -- $word $valued
            set value 1
        else if not string match -q -- '-*' $word
            set found (math $found + 1)
        end
    end
    test $found -eq $wanted
end

# Whether the -- before the command has been given.
function __paddock_marked
    contains -- -- (commandline -opc)
end

# Completes what follows -- as if it stood alone.
function __paddock_command
    set -l words (commandline -opc)
    set -l mark (contains -i -- -- $words)
    set -l command
    if test $mark -lt (count $words)
        set command (string escape -- $words[(math $mark + 1)..-1])
    end
    set -l line (string join ' ' -- $command (commandline -ct))
    test (count $command) -gt 0; and test -z (commandline -ct); and set line "$line "
    complete -C "$line"
end

complete -c paddock -f
)fish";

// In single quotes, fish knows two escapes: \\ and \'.
std::string Quote(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// How `complete` is told what to offer.
std::string Arguments(ValueKind kind, const std::vector<std::string>& values) {
  switch (kind) {
    case ValueKind::kText:
      return "";
    case ValueKind::kChoice:
    case ValueKind::kBackend:
      return absl::StrCat(" -a ", Quote(absl::StrJoin(values, " ")));
    case ValueKind::kFile:
    case ValueKind::kPath:
      return " -F";
    case ValueKind::kDirectory:
      return " -a '(__fish_complete_directories (commandline -ct))'";
    case ValueKind::kVariable:
      return " -a '(set -xn)'";
  }
  return "";
}

std::string OptionLine(absl::string_view condition, const OptionEntry& option) {
  std::string line = absl::StrCat("complete -c paddock -n ", Quote(condition));
  for (const std::string& name : option.names) {
    absl::string_view text = name;
    if (absl::ConsumePrefix(&text, "--")) {
      absl::StrAppend(&line, " -l ", text);
    } else {
      absl::StrAppend(&line, " -s ", text.substr(1));
    }
  }
  if (!option.value.empty()) {
    // -x: a value that is no file. -F brings files back.
    const bool file = option.kind == ValueKind::kFile || option.kind == ValueKind::kPath;
    absl::StrAppend(&line, file ? " -r" : " -x", Arguments(option.kind, option.values));
  }
  return absl::StrCat(line, " -d ", Quote(option.help), "\n");
}

std::string Subcommand(const CommandEntry& command) {
  std::string text = "\n";
  const std::string here = absl::StrCat("__paddock_in ", command.name);
  const std::string unmarked = command.takes_command ? absl::StrCat(here, "; and not __paddock_marked") : here;
  std::vector<std::string> valued;
  for (const OptionEntry& option : command.options) {
    if (!option.value.empty()) valued.insert(valued.end(), option.names.begin(), option.names.end());
    absl::StrAppend(&text, OptionLine(unmarked, option));
  }
  for (size_t i = 0; i < command.operands.size(); ++i) {
    const OperandEntry& operand = command.operands[i];
    const std::string condition =
        absl::StrCat(here, "; and __paddock_operands ", i, valued.empty() ? "" : " ", absl::StrJoin(valued, " "));
    absl::StrAppend(&text, "complete -c paddock -n ", Quote(condition), Arguments(operand.kind, operand.values), "\n");
  }
  if (command.takes_command) {
    absl::StrAppend(&text, "complete -c paddock -n ", Quote(unmarked), " -a '--' -d 'the command follows'\n");
    absl::StrAppend(&text, "complete -c paddock -n ", Quote(absl::StrCat(here, "; and __paddock_marked")),
                    " -a '(__paddock_command)'\n");
  }
  return text;
}

}  // namespace

std::string FishCompletion(const Manual& manual) {
  std::string text(kHead);
  absl::StrAppend(&text, "\n");
  for (const OptionEntry& option : manual.tool.options) absl::StrAppend(&text, OptionLine("__paddock_first", option));
  const std::vector<CommandEntry> commands = CompletedCommands(manual);
  for (const CommandEntry& command : commands) {
    if (command.name.empty()) continue;
    absl::StrAppend(&text, "complete -c paddock -n __paddock_first -a ", command.name, " -d ", Quote(command.summary),
                    "\n");
  }
  for (const CommandEntry& command : commands) {
    if (!command.name.empty()) absl::StrAppend(&text, Subcommand(command));
  }
  return text;
}

}  // namespace paddock::cli
