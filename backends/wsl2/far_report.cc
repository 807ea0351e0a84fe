#include "backends/wsl2/far_report.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/json.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::wsl2 {
namespace {

absl::Status Wrong(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "relay_protocol", what);
}

absl::StatusOr<Json> Parsed(absl::string_view payload, absl::string_view source) {
  auto json = ParseJson(payload, source);
  if (!json.ok()) return Wrong(json.status().message());
  if (!json->is_object()) return Wrong(absl::StrCat(source, " is no object"));
  return *std::move(json);
}

std::string TextOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

// A path of the workspace as Windows has it; any other stays.
std::string OnWindows(const std::string& path, const Wsl2Plan& plan) {
  if (plan.workspace.empty() || plan.run.workspace.empty() || !PathIsWithin(path, plan.run.workspace)) return path;
  const std::string below(PathBelow(path, plan.run.workspace));
  if (below.empty()) return plan.workspace;
  const absl::string_view separator = absl::EndsWith(plan.workspace, "\\") ? "" : "\\";
  return absl::StrCat(plan.workspace, separator, absl::StrReplaceAll(below, {{"/", "\\"}}));
}

std::string RuleHere(const std::string& rule, const Wsl2Plan& plan) {
  const auto found = std::find_if(plan.rules.begin(), plan.rules.end(), [&](const auto& p) { return p.first == rule; });
  return found == plan.rules.end() ? rule : found->second;
}

void Translate(const Wsl2Plan& plan, Violation& violation) {
  violation.rule = RuleHere(violation.rule, plan);
  if (violation.path.empty()) return;
  const std::string here = OnWindows(violation.path, plan);
  if (absl::EndsWith(violation.what, violation.path)) {
    violation.what.replace(violation.what.size() - violation.path.size(), violation.path.size(), here);
  }
  violation.path = here;
}

RuleVerdict VerdictHere(RuleVerdict verdict, const Wsl2Plan& plan) {
  verdict.rule = RuleHere(verdict.rule, plan);
  const auto by_name = plan.by_name.find(verdict.rule);
  if (by_name != plan.by_name.end() && verdict.verdict == Verdict::kEnforced) {
    verdict.verdict = Verdict::kApproximated;
    verdict.missing = by_name->second;
  }
  return verdict;
}

// A rule may stand there several times, once for each spelling of a name: the weakest counts.
void AddVerdict(RuleVerdict verdict, std::vector<RuleVerdict>* verdicts) {
  for (RuleVerdict& known : *verdicts) {
    if (known.rule != verdict.rule) continue;
    if (known.verdict < verdict.verdict) known = std::move(verdict);
    return;
  }
  verdicts->push_back(std::move(verdict));
}

}  // namespace

absl::StatusOr<RunResult> ResultOf(absl::string_view exited, const Wsl2Plan& plan) {
  ASSIGN_OR_RETURN(const Json json, Parsed(exited, "the far report"));
  auto far = ReportFromJson(json, "the far report");
  if (!far.ok()) return Wrong(far.status().message());
  RunResult result = far->result;
  for (Violation& violation : result.violations) Translate(plan, violation);
  for (LeftBehind& left : result.left_behind) left.path = OnWindows(left.path, plan);
  for (const RuleVerdict& verdict : far->verdicts) AddVerdict(VerdictHere(verdict, plan), &result.verdicts);
  if (!far->backend.name.empty()) {
    result.applied.insert(result.applied.begin(), absl::StrCat(ToString(far->backend), " in ", plan.distribution));
  }
  result.inner = std::make_shared<const Report>(*std::move(far));
  return result;
}

absl::StatusOr<Violation> ParseViolation(absl::string_view payload) {
  ASSIGN_OR_RETURN(const Json json, Parsed(payload, "a violation"));
  const std::string evidence = TextOf(json, "evidence");
  if (evidence != "observed" && evidence != "inferred") return Wrong("a violation has no evidence");
  return Violation{evidence == "observed", TextOf(json, "what"), TextOf(json, "rule"), TextOf(json, "path")};
}

absl::StatusOr<std::string> ParseNotice(absl::string_view payload) {
  ASSIGN_OR_RETURN(const Json json, Parsed(payload, "a notice"));
  return TextOf(json, "text");
}

absl::StatusOr<int64_t> ParseStarted(absl::string_view payload) {
  ASSIGN_OR_RETURN(const Json json, Parsed(payload, "the start"));
  const auto id = json.find("process_id");
  if (json.size() != 1 || id == json.end() || !id->is_number_integer()) return Wrong("the start has no process_id");
  return id->get<int64_t>();
}

}  // namespace paddock::wsl2
