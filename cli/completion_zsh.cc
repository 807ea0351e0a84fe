#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/completion.h"
#include "core/base/shell_quote.h"

namespace paddock::cli {
namespace {

constexpr absl::string_view kHead = R"zsh(#compdef paddock
# Completion of paddock's command line, as `paddock completion zsh` prints it.

# One of a closed set; no blank follows a value that goes on after "=".
_paddock_choice() {
  local -a expl whole open
  whole=("${(@)argv:#*=}")
  open=("${(@M)argv:#*=}")
  _wanted values expl value _paddock_add
}
_paddock_add() {
  compadd "$@" -a whole
  compadd "$@" -S '' -a open
}
)zsh";

// Read by compinit from fpath, the file is the body of _paddock itself; sourced, it has to register it.
constexpr absl::string_view kTail = R"zsh(
if [[ $funcstack[1] == _paddock ]]; then
  _paddock "$@"
else
  compdef _paddock paddock
fi
)zsh";

// A text inside of an _arguments specification.
std::string InSpec(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {":", "\\:"}, {"[", "\\["}, {"]", "\\]"}});
}

std::string Action(ValueKind kind, const std::vector<std::string>& values) {
  switch (kind) {
    case ValueKind::kText:
      return "";
    case ValueKind::kChoice:
    case ValueKind::kBackend: {
      std::vector<std::string> words;
      for (const std::string& value : values) words.push_back(InSpec(value));
      return absl::StrCat(" _paddock_choice ", absl::StrJoin(words, " "));
    }
    case ValueKind::kFile:
    case ValueKind::kPath:
      return "_files";
    case ValueKind::kDirectory:
      return "_path_files -/";  // _files would offer files where no directory fits
    case ValueKind::kVariable:
      return "_parameters -g \"*export*\"";
  }
  return "";
}

// "(-q --quiet)"{-q,--quiet}"[help]", "*--rw=[help]:PATH:_files": `=` after a long name takes both --rw=X and --rw X.
std::string OptionSpecs(const OptionEntry& option) {
  std::string specs;
  const std::string others =
      option.names.size() > 1 ? absl::StrCat("(", absl::StrJoin(option.names, " "), ")") : std::string();
  for (const std::string& name : option.names) {
    std::string spec = option.repeats ? absl::StrCat("*", name) : absl::StrCat(others, name);
    if (!option.value.empty()) spec.push_back('=');
    absl::StrAppend(&spec, "[", InSpec(option.help), "]");
    if (!option.value.empty()) {
      absl::StrAppend(&spec, ":", InSpec(option.value), ":", Action(option.kind, option.values));
    }
    absl::StrAppend(&specs, " \\\n        ", ShellQuote(spec));
  }
  return specs;
}

std::string Subcommand(const CommandEntry& command) {
  std::string text = absl::StrCat("    ", command.name, ")\n");
  if (command.takes_command) {
    absl::StrAppend(&text,
                    "      if (( mark < CURRENT )); then\n"
                    "        words=(\"${(@)words[mark + 1, -1]}\")\n"
                    "        (( CURRENT -= mark ))\n"
                    "        if (( CURRENT == 1 )); then _command_names -e; else _normal -p paddock; fi\n"
                    "        return\n"
                    "      fi\n");
  }
  absl::StrAppend(&text, "      _arguments -s");
  for (const OptionEntry& option : command.options) absl::StrAppend(&text, OptionSpecs(option));
  for (size_t i = 0; i < command.operands.size(); ++i) {
    const OperandEntry& operand = command.operands[i];
    absl::StrAppend(
        &text, " \\\n        ",
        ShellQuote(absl::StrCat(i + 1, ":", InSpec(operand.name), ":", Action(operand.kind, operand.values))));
  }
  if (command.takes_command) absl::StrAppend(&text, " \\\n        '1:mark before the command:(--)'");
  return absl::StrCat(text, "\n      ;;\n");
}

}  // namespace

std::string ZshCompletion(const Manual& manual) {
  const std::vector<CommandEntry> commands = CompletedCommands(manual);
  std::string text(kHead);
  absl::StrAppend(&text, "\n_paddock() {\n  local -a subcommands\n  subcommands=(\n");
  for (const CommandEntry& command : commands) {
    if (command.name.empty()) continue;
    absl::StrAppend(&text, "    ", ShellQuote(absl::StrCat(command.name, ":", InSpec(command.summary))), "\n");
  }
  absl::StrAppend(&text,
                  "  )\n  if (( CURRENT == 2 )); then\n    _describe -t commands 'paddock command' subcommands\n"
                  "    _arguments -s");
  for (const OptionEntry& option : manual.tool.options) absl::StrAppend(&text, OptionSpecs(option));
  absl::StrAppend(&text,
                  "\n    return\n  fi\n  shift words\n  (( CURRENT -= 1 ))\n"
                  "  local -i mark=${words[(i)--]}\n  case $words[1] in\n");
  for (const CommandEntry& command : commands) {
    if (!command.name.empty()) absl::StrAppend(&text, Subcommand(command));
  }
  return absl::StrCat(text, "  esac\n}\n", kTail);
}

}  // namespace paddock::cli
