#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/completion.h"
#include "core/base/shell_quote.h"

namespace paddock::cli {
namespace {

// bash cuts the words of the line at = and :, which stand inside our values; so the words are joined again, and of what
// is offered only the part after the last cut is given back. Needs bash 4.3; bash-completion only for what follows --.
constexpr absl::string_view kHead =
    R"bash(# Completion of paddock's command line, as `paddock completion bash` prints it.

)bash";

constexpr absl::string_view kTail = R"bash(
_paddock() {
  local command='' options='' valued='' operands='' takes_command=''
  local word words=() glue='' i current option='' operand=0 prefix='' kind='' values='' offered=() head breaks
  COMPREPLY=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((${#words[@]} > 1)) && [[ -n $glue || $word == [=:]* ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    glue=''
    if [[ $word == *[=:] ]]; then glue=1; fi
  done
  current=${words[-1]}
  unset 'words[-1]'
  if ((${#words[@]} > 1)); then command=${words[1]}; fi
  if ! _paddock_tables "$command"; then return; fi

  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ -n $takes_command && ${COMP_WORDS[i]} == -- ]]; then
      _paddock_command_after $((i + 1))
      return
    fi
  done
  for word in "${words[@]:2}"; do
    if [[ -n $option ]]; then
      option=''
    elif [[ " $valued " == *" $word "* ]]; then
      option=$word
    elif [[ $word != -?* ]]; then
      operand=$((operand + 1))
    fi
  done

  head=$current
  if [[ -z $option && $current == --*=* ]]; then
    option=${current%%=*}
    prefix=$option=
    current=${current#*=}
  fi
  if [[ -n $option ]]; then
    _paddock_values "$command $option"
  elif [[ $current == -* ]] || ((operand >= operands)); then
    kind=choice
    values=$options
    if [[ -n $takes_command ]]; then values="-- $values"; fi
  else
    _paddock_values "$command $((operand + 1))"
  fi

  case $kind in
    choice) mapfile -t offered < <(compgen -W "$values" -- "$current") ;;
    file | path) mapfile -t offered < <(compgen -f -- "$current"); compopt -o filenames ;;
    directory) mapfile -t offered < <(compgen -d -- "$current"); compopt -o filenames ;;
    variable) mapfile -t offered < <(compgen -e -- "$current") ;;
  esac
  if [[ ${#offered[@]} == 1 && ${offered[0]} == *= ]]; then compopt -o nospace; fi
  breaks=${COMP_WORDBREAKS//[^=:]/}
  if [[ -n $breaks && $head == *[$breaks]* ]]; then
    head=${head%"${head##*[$breaks]}"}
  else
    head=''
  fi
  for word in "${offered[@]}"; do
    word=$prefix$word
    COMPREPLY+=("${word#"$head"}")
  done
}

# Completes from word $1 on as if nothing stood before it.
_paddock_command_after() {
  if declare -F _comp_command_offset > /dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset > /dev/null; then
    _command_offset "$1"
  elif ((COMP_CWORD == $1)); then
    mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
    compopt -o filenames
  fi
}

complete -F _paddock paddock
)bash";

absl::string_view KindName(ValueKind kind) {
  switch (kind) {
    case ValueKind::kText:
      return "text";
    case ValueKind::kChoice:
    case ValueKind::kBackend:
      return "choice";
    case ValueKind::kFile:
      return "file";
    case ValueKind::kDirectory:
      return "directory";
    case ValueKind::kPath:
      return "path";
    case ValueKind::kVariable:
      return "variable";
  }
  return "text";
}

std::string ValueCase(absl::string_view label, ValueKind kind, const std::vector<std::string>& values) {
  std::string line = absl::StrCat("    ", ShellQuote(label), ") kind=", KindName(kind));
  if (!values.empty()) absl::StrAppend(&line, " values=", ShellQuote(absl::StrJoin(values, " ")));
  return absl::StrCat(line, " ;;\n");
}

// What a subcommand takes, as variables of its caller.
std::string Tables(const std::vector<CommandEntry>& commands) {
  std::string text = "_paddock_tables() {\n  case $1 in\n";
  for (const CommandEntry& command : commands) {
    std::vector<std::string> options, valued;
    for (const OptionEntry& option : command.options) {
      options.insert(options.end(), option.names.begin(), option.names.end());
      if (!option.value.empty()) valued.insert(valued.end(), option.names.begin(), option.names.end());
    }
    absl::StrAppend(
        &text, "    ", ShellQuote(command.name), ")\n      options=", ShellQuote(absl::StrJoin(options, " ")),
        "\n      valued=", ShellQuote(absl::StrJoin(valued, " ")), "\n      operands=", command.operands.size(),
        command.takes_command ? " takes_command=1" : "", "\n      ;;\n");
  }
  return absl::StrCat(text, "    *) return 1 ;;\n  esac\n}\n");
}

// What a value may be: of an option, or of the operand with that number.
std::string Values(const std::vector<CommandEntry>& commands) {
  std::string text = "\n_paddock_values() {\n  case $1 in\n";
  for (const CommandEntry& command : commands) {
    for (const OptionEntry& option : command.options) {
      if (option.value.empty() || option.kind == ValueKind::kText) continue;
      for (const std::string& name : option.names) {
        absl::StrAppend(&text, ValueCase(absl::StrCat(command.name, " ", name), option.kind, option.values));
      }
    }
    for (size_t i = 0; i < command.operands.size(); ++i) {
      const OperandEntry& operand = command.operands[i];
      absl::StrAppend(&text, ValueCase(absl::StrCat(command.name, " ", i + 1), operand.kind, operand.values));
    }
  }
  return absl::StrCat(text, "  esac\n}\n");
}

}  // namespace

std::string BashCompletion(const Manual& manual) {
  const std::vector<CommandEntry> commands = CompletedCommands(manual);
  return absl::StrCat(kHead, Tables(commands), Values(commands), kTail);
}

}  // namespace paddock::cli
