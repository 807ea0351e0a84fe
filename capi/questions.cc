#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/statusor.h"
#include "capi/objects.h"
#include "capi/order.h"
#include "compose/decide.h"
#include "compose/prepare.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"

namespace paddock::capi {
namespace {

constexpr size_t kLargestFacts = 8u << 20;

// A question may be asked without a command: `true` is decided for then, as by the tool.
RunOrder WithCommand(RunOrder order) {
  if (order.command.empty()) order.command = {"true"};
  return order;
}

absl::StatusOr<Decided> Decide(const paddock_context& context, const RunOrder& order, absl::string_view facts) {
  if (facts.data() == nullptr) return DecideHere(order.settings, order.command, context.caller, context.options);
  ASSIGN_OR_RETURN(const Json json, ParseJson(facts, "the facts", kLargestFacts));
  ASSIGN_OR_RETURN(Facts parsed, FactsFromJson(json, "the facts"));
  return DecideFor(std::move(parsed), order.settings, order.command, context.caller);
}

absl::StatusOr<Json> Probe(const paddock_context& context, const RunOrder& order) {
  ASSIGN_OR_RETURN(const Request request, PrepareRequest(order.settings, order.command, context.caller));
  ASSIGN_OR_RETURN(const Facts facts, MakeRuntime(context.caller, context.options)->Probe(request));
  return ToJson(facts);
}

absl::StatusOr<Json> Explain(const paddock_context& context, const RunOrder& order, absl::string_view facts) {
  ASSIGN_OR_RETURN(const Decided decided, Decide(context, order, facts));
  return ToJson(decided.decision);
}

absl::StatusOr<Json> Plan(const paddock_context& context, const RunOrder& order, absl::string_view facts) {
  ASSIGN_OR_RETURN(const Decided decided, Decide(context, order, facts));
  if (decided.decision.ranked.empty())
    return ReasonError(absl::StatusCode::kFailedPrecondition, WhyNothing(decided.decision));
  ASSIGN_OR_RETURN(const LaunchPlan plan,
                   decided.runtime->Plan(decided.decision.ranked.front().backend, decided.request, decided.facts));
  return ToJson(plan);
}

// One question: reads the order, asks, hands the answer out.
template <typename Ask>
paddock_code Answer(const char* order, size_t length, paddock_text** text, paddock_error** error, Ask ask) {
  return Guarded(error, [&]() -> paddock_code {
    auto read = ReadOrder(order, length);
    if (!read.ok()) return Fail(read.status(), error);
    const absl::StatusOr<Json> answer = ask(WithCommand(*std::move(read)));
    if (!answer.ok()) return Fail(WithReason(answer.status()), error);
    Give(DumpJson(*answer), text);
    return PADDOCK_OK;
  });
}

}  // namespace
}  // namespace paddock::capi

using paddock::RunOrder;
using paddock::capi::Answer;
using paddock::capi::View;

paddock_code paddock_probe(const paddock_context* context, const char* order, size_t order_length, paddock_text** facts,
                           paddock_error** error) {
  return Answer(order, order_length, facts, error,
                [&](const RunOrder& read) { return paddock::capi::Probe(*context, read); });
}

paddock_code paddock_explain(const paddock_context* context, const char* order, size_t order_length, const char* facts,
                             size_t facts_length, paddock_text** decision, paddock_error** error) {
  return Answer(order, order_length, decision, error, [&](const RunOrder& read) {
    return paddock::capi::Explain(*context, read, View(facts, facts_length));
  });
}

paddock_code paddock_plan(const paddock_context* context, const char* order, size_t order_length, const char* facts,
                          size_t facts_length, paddock_text** plan, paddock_error** error) {
  return Answer(order, order_length, plan, error,
                [&](const RunOrder& read) { return paddock::capi::Plan(*context, read, View(facts, facts_length)); });
}
