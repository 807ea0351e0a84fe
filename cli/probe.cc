#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/decide.h"
#include "cli/help.h"
#include "cli/render_json.h"
#include "compose/prepare.h"
#include "compose/registry.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"

namespace paddock::cli {
namespace {

struct ProbeOptions {
  SharedOptions shared;
  bool json = false;
  bool help = false;
};

HelpText ProbeHelp() {
  HelpText help;
  help.usage = "paddock probe [--workspace DIR] [--policy FILE] [--json]";
  help.about =
      "Prints the facts that decisions rest on: the host, the workspace under the policy that holds there, and what "
      "earlier runs left. Each fact is yes, no or unknown, with where it comes from. Changes nothing, starts "
      "nothing.";
  help.examples = {{"paddock probe", "to read"},
                   {"paddock probe --json > here.json", "for `paddock explain --host here.json`, on any system"}};
  help.statuses = {{"0", "done"}, {"125", "the workspace cannot be looked at"}, {"2", "options or files are wrong"}};
  return help;
}

absl::StatusOr<Facts> Probe(const SharedOptions& options) {
  ASSIGN_OR_RETURN(const Caller caller, ReadCaller());
  ASSIGN_OR_RETURN(const Request request, PrepareRequest(options, {"true"}, caller));
  return MakeRuntime(caller, {kThisProgram})->Probe(request);
}

}  // namespace

int ProbeMain(const std::vector<std::string>& args, const Context& context) {
  ProbeOptions options;
  std::vector<OptionRow> rows = SharedRows(&options.shared, {"--workspace", "--policy"});
  rows.push_back(JsonRow(&options.json));
  rows.push_back(HelpRow(&options.help));
  const absl::Status usage = ParseOptions(args, rows, {});
  if (options.help) return PrintHelp(context, ProbeHelp(), rows);
  if (!usage.ok()) return UsageError(context, "probe", usage);
  if (context.remote != nullptr) {
    const auto answer = context.remote->Ask(Remote::Question::kProbe, options.shared, {"true"}, "");
    if (!answer.ok()) return Failed(context, answer.status());
    const auto json = ParseJson(answer->json, "the daemon");
    if (!json.ok()) return Failed(context, json.status());
    return Print(context, options.json ? DumpJson(*json) : RenderJson(*json, context.color));
  }
  const auto facts = Probe(options.shared);
  if (!facts.ok()) return Failed(context, facts.status());
  const Json json = ToJson(*facts);
  return Print(context, options.json ? DumpJson(json) : RenderJson(json, context.color));
}

}  // namespace paddock::cli
