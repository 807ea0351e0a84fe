#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/render_setup.h"
#include "cli/setup_run.h"
#include "compose/prepare.h"

namespace paddock::cli {
namespace {

HelpText SetupHelp() {
  HelpText help;
  help.usage = "paddock setup [--tool-dir DIR]... [--dry-run [--host FACTS.json] | --status] [--json]";
  help.about =
      "Windows: makes two local users that commands are run as, PaddockOffline and PaddockOnline, and filters that "
      "block "
      "all network traffic of the first. Commands then cannot delete what lies outside their grants, cannot look into "
      "your processes, and have no network where the policy says so. It takes an administrator's yes once; every run "
      "after that is an ordinary user's. Doing it again changes nothing, a step that fails undoes those before it, and "
      "`paddock teardown` undoes all of it. The users sign in nowhere: their passwords are random, and encrypted for "
      "you "
      "alone. Tools below your profile, which they cannot read, are opened to them by --tool-dir; given at all, it "
      "says "
      "all of them.";
  help.examples = {{"paddock setup --dry-run", "what would be made, step by step; changes nothing"},
                   {"paddock setup", "make it; Windows asks for an administrator"},
                   {"paddock setup --tool-dir C:\\Users\\dev\\scoop\\apps", "and let commands run the tools in there"},
                   {"paddock setup --status", "what is there, and whether this user can use it"},
                   {"paddock setup --dry-run --host laptop.json", "the same for another host, on any system"}};
  help.statuses = {{"0", "done"}, {"125", "refused or failed; what was begun is undone"}, {"2", "options are wrong"}};
  return help;
}

HelpText TeardownHelp() {
  HelpText help;
  help.usage = "paddock teardown [--dry-run] [--json]";
  help.about =
      "Windows: undoes what `paddock setup` made, users, their profiles, filters, rights and entries, and nothing "
      "else. "
      "It takes an administrator's yes. What cannot be undone now, such as a program that runs, is named and stays "
      "recorded: the same command tries again.";
  help.examples = {{"paddock teardown --dry-run", "what would be undone; changes nothing"},
                   {"paddock teardown", "undo it; Windows asks for an administrator"}};
  help.statuses = {
      {"0", "done, or nothing was there"}, {"125", "something could not be undone"}, {"2", "options are wrong"}};
  return help;
}

absl::Status CheckUsage(const SetupOptions& options) {
  if (options.dry_run && options.status) {
    return absl::InvalidArgumentError("--dry-run says what would be made, --status what is: give one of them");
  }
  if (options.status && !options.tool_directories.empty()) {
    return absl::InvalidArgumentError("--status takes no --tool-dir");
  }
  if (options.host && !options.dry_run) return absl::InvalidArgumentError("--host goes with --dry-run");
  return absl::OkStatus();
}

// Of a host that a file describes: where its programs lie and what its runner is, the file does not say.
int PlanForHost(const Context& context, const SetupOptions& options) {
  const auto facts = LoadFacts(*options.host);
  if (!facts.ok()) return Failed(context, facts.status());
  if (facts->host.os != OsFamily::kWindows) {
    context.messages.Error(absl::StrCat(*options.host, ": `paddock setup` is for Windows, and this host is none"));
    return kExitPaddock;
  }
  provision::SetupInputs inputs;
  inputs.domain_controller = facts->host.windows_host.domain_controller;
  inputs.program_files = "C:\\Program Files";
  inputs.runner_sha256 = "{runner}";
  inputs.tool_directories = options.tool_directories;
  const auto plan = provision::PlanSetup(inputs);
  if (!plan.ok()) return Failed(context, plan.status());
  return Print(context, options.json ? DumpJson(ToJson(*plan)) : RenderSetupPlan(*plan));
}

}  // namespace

int SetupMain(const std::vector<std::string>& args, const Context& context) {
  SetupOptions options;
  const std::vector<OptionRow> rows = {
      {"Options", "--tool-dir", "DIR", "let the users read and execute what is below DIR; can be repeated",
       &options.tool_directories, ValueKind::kDirectory},
      {"Options", "--dry-run", "", "print the steps, and change nothing", &options.dry_run},
      {"Options", "--status", "", "print what is set up, and change nothing", &options.status},
      {"Options", "--host", "FACTS.json", "with --dry-run: for the host in this file (see `paddock probe --json`)",
       &options.host, ValueKind::kFile},
      JsonRow(&options.json),
      HelpRow(&options.help)};
  absl::Status usage = ParseOptions(args, rows, {});
  if (options.help) return PrintHelp(context, SetupHelp(), rows);
  if (usage.ok()) usage = CheckUsage(options);
  if (!usage.ok()) return UsageError(context, "setup", usage);
  if (options.host) return PlanForHost(context, options);
  if (options.dry_run) return PlanSetupHere(context, options);
  return options.status ? ShowSetup(context, options) : SetUpHere(context, options);
}

int TeardownMain(const std::vector<std::string>& args, const Context& context) {
  SetupOptions options;
  const std::vector<OptionRow> rows = {
      {"Options", "--dry-run", "", "print what would be undone, and change nothing", &options.dry_run},
      JsonRow(&options.json),
      HelpRow(&options.help)};
  const absl::Status usage = ParseOptions(args, rows, {});
  if (options.help) return PrintHelp(context, TeardownHelp(), rows);
  if (!usage.ok()) return UsageError(context, "teardown", usage);
  return TearDownHere(context, options);
}

}  // namespace paddock::cli
