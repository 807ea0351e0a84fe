#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/decide.h"
#include "cli/help.h"
#include "cli/render_json.h"
#include "core/plan/launch_plan.h"

namespace paddock::cli {
namespace {

HelpText PlanHelp() {
  HelpText help;
  help.usage = "paddock plan [options] [-- CMD [ARG...]]";
  help.about =
      "Prints what `paddock run` would do with the same options, step by step: mounts, tokens, filters, limits, the "
      "verdict on each rule of the policy. With --backend, the plan of that one. Runs nothing.";
  help.takes_command = true;
  help.examples = {{"paddock plan -- make", "the plan for this directory"},
                   {"paddock plan --json", "the same for a program to read"},
                   {"paddock plan --host laptop.json --backend windows_token", "a Windows plan, on any system"}};
  help.statuses = {{"0", "there is a plan"}, {"125", "nothing would run"}, {"2", "options or files are wrong"}};
  return help;
}

// Nothing was ranked: why, backend by backend.
int NoPlan(const Decision& decision, const Context& context) {
  context.messages.Error("nothing would run here; `paddock explain` with the same options says more");
  for (const Rejection& rejection : decision.rejected) {
    if (rejection.rule.empty() || rejection.reasons.empty()) continue;
    context.messages.Error(ToString(rejection.backend) + ": " + rejection.reasons.front().detail + " (" +
                           rejection.reasons.front().code + ")");
  }
  return kExitPaddock;
}

int PlanRemotely(const DecideOptions& options, const std::vector<std::string>& command, const Context& context) {
  const auto answer = AskRemote(Remote::Question::kPlan, options, command, context);
  return answer.ok() ? PrintAnswer(options, answer->json, context) : Failed(context, answer.status());
}

int Plan(const DecideOptions& options, const std::vector<std::string>& command, const Context& context) {
  const auto decided = Decide(options, command);
  if (!decided.ok()) return Failed(context, decided.status());
  if (decided->decision.ranked.empty()) return NoPlan(decided->decision, context);
  const auto plan = decided->runtime->Plan(decided->decision.ranked.front().backend, decided->request, decided->facts);
  if (!plan.ok()) {
    context.messages.Failure(plan.status());
    return kExitPaddock;
  }
  const Json json = ToJson(*plan);
  return PrintResult(
      options, [&] { return DumpJson(json); }, [&] { return RenderJson(json, context.color); }, context);
}

}  // namespace

int PlanMain(const std::vector<std::string>& args, const Context& context) {
  const CutArguments cut = CutAtCommand(args);
  DecideOptions options;
  const std::vector<OptionRow> rows = DecideRows(&options);
  const absl::Status usage = ParseOptions(cut.options, rows, {});
  if (options.help) return PrintHelp(context, PlanHelp(), rows);
  if (!usage.ok()) return UsageError(context, "plan", usage);
  if (context.remote != nullptr) return PlanRemotely(options, cut.command, context);
  return Plan(options, cut.command, context);
}

}  // namespace paddock::cli
