#include "cli/app.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "cli/help.h"

namespace paddock::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "select a sandbox, run a command in it, relay its output and exit status", RunMain},
    {"explain", "say which sandbox would run it and why, and why not the others; runs nothing", ExplainMain},
    {"plan", "print the exact launch plan; runs nothing", PlanMain},
    {"probe", "print the facts of this host that decisions rest on", ProbeMain},
    {"policy", "show the merged policy, check a file, print the schema", PolicyMain},
    {"gc", "undo what a crashed run left in a workspace", GcMain},
};

HelpText AppHelp() {
  HelpText help;
  help.usage = "paddock COMMAND [options]";
  help.about =
      "Runs a command that nobody vouches for inside the strongest sandbox this host can give, says why it chose "
      "that one, and says rule by rule what is enforced and what is not.";
  for (const Command& command : kCommands) help.commands.push_back({command.name, command.summary});
  help.examples = {{"paddock run -- npm test", "the workspace is here, the network is off, secrets are hidden"},
                   {"paddock explain", "what would hold on this host, and what would not"},
                   {"paddock run --help", "every option of run"}};
  return help;
}

int UnknownCommand(const std::string& name, const Context& context) {
  std::string message;
  if (name == "--") {
    message = "name a command of paddock's before `--`: paddock run -- CMD";
  } else {
    message = absl::StrCat("unknown command '", name, "' (see `paddock --help`)");
  }
  context.messages.Error(message);
  return kExitUsage;
}

}  // namespace

int AppMain(const std::vector<std::string>& args, const Context& context) {
  if (args.empty()) {
    context.messages.Error("name a command: run, explain, plan, probe, policy or gc (see `paddock --help`)");
    return kExitUsage;
  }
  std::string name = args.front();
  std::vector<std::string> rest(args.begin() + 1, args.end());
  if (name == "--version") return Print(context, "paddock " PADDOCK_VERSION "\n");
  if (name == "help" && !rest.empty()) {
    name = rest.front();
    rest = {"--help"};
  }
  if (name == "help" || name == "-h" || name == "--help") {
    return Print(context, RenderHelp(AppHelp(),
                                     {{"Options", "--version", "", "print the version and exit", {}},
                                      {"Options", "-h,--help", "", "print this and exit", {}}},
                                     context.color));
  }
  const auto command =
      std::find_if(std::begin(kCommands), std::end(kCommands), [&](const Command& c) { return c.name == name; });
  return command == std::end(kCommands) ? UnknownCommand(name, context) : command->run(rest, context);
}

}  // namespace paddock::cli
