#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/audit_model.h"
#include "cli/audit_run.h"
#include "cli/command.h"
#include "cli/decide.h"
#include "cli/help.h"
#include "core/base/json.h"

namespace paddock::cli {
namespace {

HelpText AuditHelp() {
  HelpText help;
  help.usage = "paddock audit [options] [-- CMD [ARG...]]";
  help.about =
      "Looks for weak spots of the workspace and of this host before a run with the same options: what other users may "
      "write, sockets in reach, set-uid files, hard links that lead out, secrets and whether they are hidden, what the "
      "host executes later. Changes nothing, starts nothing, prints no secret. With --snapshot or --icacls, looks at "
      "nothing here, and says where a run's token could write or delete on the Windows machine whose permissions are "
      "in the file. docs/audit.md lists the findings.";
  help.takes_command = true;
  help.examples = {{"paddock audit", "this directory, under the policy that holds here"},
                   {"paddock audit --hide config/prod.pem", "would that do?"},
                   {"paddock audit --json", "the same for a program to read"},
                   {"paddock audit --snapshot ws.jsonl --workspace 'C:\\ws'", "of a machine with Windows"}};
  help.statuses = {{"0", "nothing of high or medium severity"},
                   {"1", "there is"},
                   {"125", "the workspace cannot be looked at"},
                   {"2", "options or files are wrong"}};
  return help;
}

// The host is this one: nothing can be looked at in a file of facts.
std::vector<OptionRow> AuditRows(DecideOptions* options, ModelOptions* model) {
  std::vector<OptionRow> rows = DecideRows(options);
  rows.erase(std::remove_if(rows.begin(), rows.end(), [](const OptionRow& row) { return row.names == "--host"; }),
             rows.end());
  const auto output =
      std::find_if(rows.begin(), rows.end(), [](const OptionRow& row) { return row.names == "--json"; });
  const std::vector<OptionRow> more = ModelRows(model);
  rows.insert(output, more.begin(), more.end());
  return rows;
}

int AuditRemotely(const DecideOptions& options, const std::vector<std::string>& command, const Context& context) {
  const auto answer = AskRemote(Remote::Question::kAudit, options, command, context);
  if (!answer.ok()) return Failed(context, answer.status());
  const int printed = PrintAnswer(options, answer->json, context);
  if (printed != kExitOk) return printed;
  constexpr int kExitFindings = 1;
  const auto report = ParseJson(answer->json, "the daemon");
  if (!report.ok()) return Failed(context, report.status());
  const Json summary = report->value("summary", Json::object());
  return summary.value("high", 0) + summary.value("medium", 0) > 0 ? kExitFindings : kExitOk;
}

}  // namespace

int AuditMain(const std::vector<std::string>& args, const Context& context) {
  const CutArguments cut = CutAtCommand(args);
  DecideOptions options;
  ModelOptions model;
  const std::vector<OptionRow> rows = AuditRows(&options, &model);
  const absl::Status usage = ParseOptions(cut.options, rows, {});
  if (options.help) return PrintHelp(context, AuditHelp(), rows);
  if (!usage.ok()) return UsageError(context, "audit", usage);
  if (context.remote != nullptr && !AsksModel(model)) return AuditRemotely(options, cut.command, context);
  if (AsksModel(model)) return RunModelAudit(options, model, cut.command, context);
  return RunAudit(options, model, cut.command, context);
}

}  // namespace paddock::cli
