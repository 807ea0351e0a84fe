#include "cli/completion.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/help.h"

namespace paddock::cli {
namespace {

constexpr Shell kShells[] = {
    {"bash", "bash-completion/completions/paddock", BashCompletion},
    {"zsh", "zsh/site-functions/_paddock", ZshCompletion},
    {"fish", "fish/vendor_completions.d/paddock.fish", FishCompletion},
};

std::vector<std::string> ShellNames() {
  std::vector<std::string> names;
  for (const Shell& shell : kShells) names.emplace_back(shell.name);
  return names;
}

HelpText CompletionHelp() {
  HelpText help;
  help.usage = "paddock completion bash|zsh|fish";
  help.about =
      "Prints a script that completes subcommands, options, their values, and after `--` the command. An installed "
      "package brings the scripts where the shells look for them; this is for a paddock that was not installed.";
  help.operands = {{"bash|zsh|fish", ValueKind::kChoice, ShellNames}};
  help.examples = {
      {"paddock completion bash > ~/.local/share/bash-completion/completions/paddock", "for the next bash"},
      {"paddock completion zsh > ~/.zfunc/_paddock", "if ~/.zfunc is in fpath before compinit"},
      {"paddock completion fish > ~/.config/fish/completions/paddock.fish", "for the next fish"}};
  help.statuses = {{"0", "done"}, {"2", "the shell is none of these"}};
  return help;
}

}  // namespace

absl::Span<const Shell> Shells() { return kShells; }

std::vector<CommandEntry> CompletedCommands(const Manual& manual) {
  CommandEntry help;
  help.name = "help";
  help.summary = "print the help of a command";
  help.operands = manual.tool.operands;
  std::vector<CommandEntry> commands = {manual.tool};
  commands.insert(commands.end(), manual.commands.begin(), manual.commands.end());
  commands.push_back(help);
  commands.front().operands.front().values.push_back(help.name);
  return commands;
}

int CompletionMain(const std::vector<std::string>& args, const Context& context) {
  bool help = false;
  std::vector<std::string> words;
  const std::vector<OptionRow> rows = {HelpRow(&help)};
  const absl::Status usage = ParseOptions(args, rows, {"SHELL", &words, 1});
  if (help) return PrintHelp(context, CompletionHelp(), rows);
  if (!usage.ok()) return UsageError(context, "completion", usage);
  const std::string known = absl::StrJoin(ShellNames(), ", ");
  if (words.empty()) {
    return UsageError(context, "completion", absl::InvalidArgumentError(absl::StrCat("say which: ", known)));
  }
  const auto shell = std::find_if(std::begin(kShells), std::end(kShells),
                                  [&](const Shell& candidate) { return candidate.name == words.front(); });
  if (shell == std::end(kShells)) {
    return UsageError(context, "completion",
                      absl::InvalidArgumentError(absl::StrCat("'", words.front(), "' is none of ", known)));
  }
  return Print(context, shell->script(ReadManual()));
}

}  // namespace paddock::cli
