#include "cli/app.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/help.h"
#include "core/base/json.h"

namespace paddock::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "select a sandbox, run a command in it, relay its output and exit status", RunMain},
    {"explain", "say which sandbox would run it and why, and why not the others; runs nothing", ExplainMain},
    {"plan", "print the exact launch plan; runs nothing", PlanMain},
    {"probe", "print the facts of this host that decisions rest on", ProbeMain},
    {"doctor", "say what is missing for a stronger sandbox here, and the command that mends it", DoctorMain},
    {"audit", "look for weak spots of a workspace before a run", AuditMain},
    {"policy", "show the merged policy, check a file, print the schema", PolicyMain},
    {"wsb", "write a Windows Sandbox configuration file for the same policy; runs nothing", WsbMain},
    {"gc", "undo what a crashed run left in a workspace", GcMain},
    {"setup", "Windows: make the users and the network filter that stronger sandboxes stand on", SetupMain},
    {"teardown", "Windows: undo what setup made", TeardownMain},
    {"completion", "print a script that completes paddock's command line in a shell", CompletionMain},
};

std::vector<std::string> CommandNames() {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  return names;
}

struct AppOptions {
  bool version = false, json = false, help = false;
  std::optional<std::string> remote;
};

std::vector<OptionRow> Rows(AppOptions* options) {
  return {{"Options", "--version", "", "print the version and exit", &options->version},
          {"Options", "--json", "", "with --version: as JSON", &options->json},
          {"Options", "--remote", "SOCKET",
           "before run, explain, plan, probe or audit: paddockd, which serves at this socket, does it",
           &options->remote, ValueKind::kFile},
          {"Options", "-h,--help", "", "print this and exit", &options->help}};
}

HelpText AppHelp() {
  HelpText help;
  help.usage = "paddock COMMAND [options]";
  help.operands = {{"COMMAND", ValueKind::kChoice, CommandNames}};
  help.about =
      "Runs a command that nobody vouches for inside the strongest sandbox this host can give, says why it chose "
      "that one, and says rule by rule what is enforced and what is not.";
  for (const Command& command : kCommands) help.commands.push_back({command.name, command.summary});
  help.examples = {{"paddock run -- npm test", "the workspace is here, the network is off, secrets are hidden"},
                   {"paddock explain", "what would hold on this host, and what would not"},
                   {"paddock run --help", "every option of run"}};
  help.statuses = {{"0", "done; of run: the command's own"},
                   {"2", "the command line or a file named on it is wrong; of run: the command's own"},
                   {"125", "Paddock refused or failed"}};
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

std::string VersionText(bool json) {
  constexpr absl::string_view kVersion = PADDOCK_VERSION;
  if (!json) return absl::StrCat("paddock ", kVersion, "\n");
  return DumpJson({{"schema", "paddock.version/1"}, {"version", std::string(kVersion)}});
}

// What stands before any subcommand: --version, --help.
int OwnOptions(const std::vector<std::string>& args, const Context& context) {
  AppOptions options;
  const std::vector<OptionRow> rows = Rows(&options);
  const absl::Status usage = ParseOptions(args, rows, {});
  if (options.help) return PrintHelp(context, AppHelp(), rows);
  if (usage.ok() && options.version) return Print(context, VersionText(options.json));
  context.messages.Error(!usage.ok() ? absl::StrCat(usage.message(), " (see `paddock --help`)")
                                     : "--json goes with --version here, or with a command");
  return kExitUsage;
}

}  // namespace

absl::Span<const Command> Commands() { return kCommands; }

int AppMain(const std::vector<std::string>& args, const Context& context) {
  if (args.empty()) {
    context.messages.Error(
        absl::StrCat("name a command: ", absl::StrJoin(CommandNames(), ", "), " (see `paddock --help`)"));
    return kExitUsage;
  }
  if (AsksRemote(args)) return RemoteMain(args, context);
  std::string name = args.front();
  std::vector<std::string> rest(args.begin() + 1, args.end());
  if (name == "help") {
    name = rest.empty() ? "--help" : rest.front();
    rest = {"--help"};
  }
  if (name.size() > 1 && name[0] == '-' && name != "--") {
    rest.insert(rest.begin(), name);
    return OwnOptions(rest, context);
  }
  for (const absl::Span<const Command> commands : {Commands(), InnerCommands()}) {
    for (const Command& command : commands) {
      if (command.name == name) return command.run(rest, context);
    }
  }
  return UnknownCommand(name, context);
}

}  // namespace paddock::cli
