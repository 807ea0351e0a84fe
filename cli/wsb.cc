#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/plan.h"
#include "backends/windows_sandbox/wsb.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/shared_options.h"
#include "compose/prepare.h"
#include "compose/registry.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/platform/caller.h"
#include "core/platform/files.h"

namespace paddock::cli {
namespace {

struct WsbOptions {
  SharedOptions shared;
  std::optional<std::string> host, file;
  bool help = false;
};

HelpText WsbHelp() {
  HelpText help;
  help.usage = "paddock wsb [options] [-- CMD [ARG...]]";
  help.about =
      "Writes a configuration file (.wsb) for Windows Sandbox, on any system, and starts nothing. Every switch is in "
      "it, "
      "and off unless the policy opens it; the workspace and --ro are mapped read-only, --rw read-write; without "
      "--workspace, the first of --rw and --ro is it. CMD, as it is "
      "to "
      "be called inside, becomes the logon command. The file stands for itself: without Paddock nothing watches "
      "limits, "
      "brings output back, or ends the machine. The profile is computer-use unless --profile or --policy says another.";
  help.takes_command = true;
  help.examples = {{"paddock wsb --file box.wsb", "an empty machine: no network, no clipboard, no folders"},
                   {"paddock wsb --workspace 'C:\\Users\\me\\src' -- explorer.exe 'C:\\paddock\\workspace'",
                    "with a folder to look into, which it cannot change"},
                   {"paddock wsb --net open --rw 'D:\\out' --memory 8GiB", "with the network and one writable folder"}};
  help.statuses = {{"0", "written"}, {"125", "there is no such machine"}, {"2", "options or files are wrong"}};
  return help;
}

std::vector<OptionRow> Rows(WsbOptions* options) {
  std::vector<OptionRow> rows = SharedRows(
      &options->shared, {"--workspace", "--policy", "--profile", "--rw", "--ro", "--hide", "--net", "--memory"});
  rows.push_back({"Output", "--file", "FILE", "write it there instead of to stdout", &options->file, ValueKind::kFile});
  rows.push_back({"Output", "--host", "FACTS.json",
                  "for the host in this file (see `paddock probe --json`), whose folders have been looked at",
                  &options->host, ValueKind::kFile});
  rows.push_back(HelpRow(&options->help));
  return rows;
}

// Of a Windows of which nothing is known but the names on the command line: whose profile a folder lies in is one.
Facts UnseenWindows(const SharedOptions& options) {
  Facts facts;
  facts.host.os = OsFamily::kWindows;
  facts.host.home = "C:\\Users\\user";
  const auto workspace = WindowsPath::Parse(options.workspace.value_or("C:\\"));
  const auto profiles = WindowsPath::Parse("C:\\Users");
  if (workspace.ok() && profiles.ok() && workspace->IsWithin(*profiles).Certain() &&
      workspace->components().size() > 1) {
    facts.host.home = absl::StrCat(profiles->ToString(), "\\", workspace->components()[1]);
  }
  return facts;
}

absl::Status CheckStyle(const SharedOptions& options) {
  if (!options.workspace.has_value() || LooksLikeWindowsPath(*options.workspace)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--workspace: the folder is one of a Windows host; name it as that host does, C:\\dir, or give --host");
}

struct Asked {
  Request request;
  Facts facts;
  bool looked = true;  // somebody has looked at the folders
};

absl::StatusOr<Asked> Ask(const WsbOptions& options, const std::vector<std::string>& command) {
  ASSIGN_OR_RETURN(const Caller caller, ReadCaller());
  const std::vector<std::string> words = command.empty() ? std::vector<std::string>{"none"} : command;
  Asked asked;
  if (!options.host.has_value() && LooksLikeWindowsPath(caller.cwd)) {
    ASSIGN_OR_RETURN(asked.request, PrepareRequest(options.shared, words, caller));
    ASSIGN_OR_RETURN(asked.facts, MakeRuntime(caller, {kThisProgram})->Probe(asked.request));
  } else {
    if (options.host.has_value()) {
      ASSIGN_OR_RETURN(asked.facts, LoadFacts(*options.host));
      // The workspace of a recorded host counts only where it is asked for.
      if (!options.shared.workspace.has_value()) asked.facts.workspace.root = {};
    } else {
      RETURN_IF_ERROR(CheckStyle(options.shared));
      asked.facts = UnseenWindows(options.shared);
      asked.looked = false;
    }
    ASSIGN_OR_RETURN(asked.request, PrepareRequestFor(asked.facts, options.shared, words, caller));
  }
  asked.request.command = command;
  return asked;
}

int Write(const WsbOptions& options, const std::vector<std::string>& command, const Context& context) {
  const auto asked = Ask(options, command);
  if (!asked.ok()) return Failed(context, asked.status());
  const auto machine = PlanMachineAlone(asked->request, asked->facts);
  if (!machine.ok()) return Failed(context, machine.status());
  const auto text = WsbText(*machine);
  if (!text.ok()) return Failed(context, text.status());
  if (!asked->looked && !machine->folders.empty()) {
    context.messages.Notice("nobody has looked whether the folders are there: this is not their host");
  }
  if (!options.file.has_value()) return Print(context, *text);
  auto file = OutputFile::Open(*options.file);
  const absl::Status written = file.ok() ? file->Commit(*text) : file.status();
  return written.ok() ? kExitOk : Failed(context, written);
}

}  // namespace

int WsbMain(const std::vector<std::string>& args, const Context& context) {
  const CutArguments cut = CutAtCommand(args);
  WsbOptions options;
  const std::vector<OptionRow> rows = Rows(&options);
  absl::Status usage = ParseOptions(cut.options, rows, {});
  if (options.help) return PrintHelp(context, WsbHelp(), rows);
  if (usage.ok() && options.file.has_value() && options.file->empty()) {
    usage = absl::InvalidArgumentError("--file: the value is empty");
  }
  if (!usage.ok()) return UsageError(context, "wsb", usage);
  if (!options.shared.profile.has_value() && !options.shared.policy.has_value())
    options.shared.profile = "computer-use";
  SharedOptions& shared = options.shared;
  if (!shared.workspace.has_value() && !(shared.rw.empty() && shared.ro.empty())) {
    shared.workspace = shared.rw.empty() ? shared.ro.front() : shared.rw.front();
  }
  return Write(options, cut.command, context);
}

}  // namespace paddock::cli
