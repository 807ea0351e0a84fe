#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "backends/wsl2/far_report.h"
#include "core/base/json.h"

// What the far side reports, hostile: a report that is taken can be printed and read again, claims no rule as enforced
// that holds by name alone, and none twice.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace paddock;
  using namespace paddock::wsl2;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  ParseViolation(text).status().IgnoreError();
  ParseNotice(text).status().IgnoreError();
  ParseStarted(text).status().IgnoreError();
  Wsl2Plan plan;
  plan.distribution = "Debian";
  plan.workspace = "C:\\app";
  plan.run.workspace = "/mnt/c/app";
  plan.rules = {{"filesystem.deny_read /mnt/c/app/.ENV", "filesystem.deny_read **/.env"}};
  plan.by_name = {{"filesystem.deny_read **/.env", "case"}};
  const auto result = ResultOf(text, plan);
  if (!result.ok()) return 0;
  if (result->inner == nullptr) std::abort();
  std::set<std::string> rules;
  for (const RuleVerdict& verdict : result->verdicts) {
    if (!rules.insert(verdict.rule).second) std::abort();
    if (plan.by_name.count(verdict.rule) > 0 && verdict.verdict == Verdict::kEnforced) std::abort();
  }
  Report report;
  report.result = *result;
  const std::string printed = DumpJson(ToJson(report));
  const auto parsed = ParseJson(printed, "the report");
  if (!parsed.ok() || !ReportFromJson(*parsed, "the report").ok()) std::abort();
  return 0;
}
