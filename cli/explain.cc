#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/decide.h"
#include "cli/help.h"
#include "cli/render_decision.h"

namespace paddock::cli {
namespace {

HelpText ExplainHelp() {
  HelpText help;
  help.usage = "paddock explain [options] [-- CMD [ARG...]]";
  help.about =
      "Says which sandbox `paddock run` would use with the same options, by which rule, why every other one is "
      "rejected and how to mend that, and what is reached of what was asked. Runs nothing.";
  help.takes_command = true;
  help.examples = {{"paddock explain", "the decision for this directory"},
                   {"paddock explain --require network=off", "would that be refused here?"},
                   {"paddock explain --host laptop.json", "the decision for another host, Windows or Linux"}};
  help.statuses = {{"0", "something would run"}, {"125", "nothing would"}, {"2", "options or files are wrong"}};
  return help;
}

// The daemon gives its answer as JSON alone; to be read, it is that, indented.
int ExplainRemotely(const DecideOptions& options, const std::vector<std::string>& command, const Context& context) {
  const auto answer = AskRemote(Remote::Question::kExplain, options, command, context);
  if (!answer.ok()) return Failed(context, answer.status());
  const int printed = PrintAnswer(options, answer->json, context);
  if (printed != kExitOk) return printed;
  if (!answer->refusal.ok()) context.messages.Failure(answer->refusal);
  return answer->would_run ? kExitOk : kExitPaddock;
}

int Explain(const DecideOptions& options, const std::vector<std::string>& command, const Context& context) {
  const auto decided = Decide(options, command);
  if (!decided.ok()) return Failed(context, decided.status());
  Explanation explanation{decided->request, decided->decision, nullptr, std::nullopt};
  std::optional<LaunchPlan> plan;
  if (!decided->decision.ranked.empty()) {
    auto planned = decided->runtime->Plan(decided->decision.ranked.front().backend, decided->request, decided->facts);
    if (planned.ok()) {
      plan = *std::move(planned);
      explanation.plan = &*plan;
    } else {
      explanation.refusal =
          ReasonOf(planned.status()).value_or(MakeReason("launch_failed", planned.status().message()));
    }
  }
  const int printed = PrintResult(
      options, [&] { return DumpJson(ToJson(decided->decision)); },
      [&] { return RenderExplanation(explanation, context.color); }, context);
  if (printed != kExitOk) return printed;
  if (options.json && explanation.refusal.has_value()) context.messages.Refusal(*explanation.refusal);
  // Another host's decision stands, whatever this build can plan for it.
  const bool decision_stands = options.host.has_value() && !decided->decision.ranked.empty() && NotInBuild(explanation);
  return plan.has_value() || decision_stands ? kExitOk : kExitPaddock;
}

}  // namespace

int ExplainMain(const std::vector<std::string>& args, const Context& context) {
  const CutArguments cut = CutAtCommand(args);
  DecideOptions options;
  const std::vector<OptionRow> rows = DecideRows(&options);
  const absl::Status usage = ParseOptions(cut.options, rows, {});
  if (options.help) return PrintHelp(context, ExplainHelp(), rows);
  if (!usage.ok()) return UsageError(context, "explain", usage);
  if (context.remote != nullptr) return ExplainRemotely(options, cut.command, context);
  return Explain(options, cut.command, context);
}

}  // namespace paddock::cli
