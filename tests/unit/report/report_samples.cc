// Prints a JSON array of reports, one for each way a run can end, as the runtime would fill them in. The schema test
// reads it.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/json.h"
#include "core/report/report.h"

namespace paddock {
namespace {

struct Sample {
  ExitKind kind;
  int code;
  int signal;
  bool ran;
};

constexpr Sample kSamples[] = {
    {ExitKind::kExited, 0, 0, true},           {ExitKind::kExited, 124, 0, true},
    {ExitKind::kExited, -1073741819, 0, true},  // a Windows status: STATUS_ACCESS_VIOLATION as a signed number
    {ExitKind::kSignalled, 0, 9, true},        {ExitKind::kWallLimit, 0, 9, true},
    {ExitKind::kOutputLimit, 0, 9, true},      {ExitKind::kMemoryLimit, 0, 9, true},
    {ExitKind::kProcessLimit, 0, 0, true},     {ExitKind::kCpuLimit, 0, 24, true},
    {ExitKind::kRefused, 0, 0, false},         {ExitKind::kNotFound, 0, 0, true},
    {ExitKind::kNotExecutable, 0, 0, true},    {ExitKind::kFailed, 0, 0, false},
    {ExitKind::kFailed, 0, 0, true},
};

// Everything that a run may carry, hostile names included.
void FillRan(Report& report) {
  report.backend = {"linux_landlock", "namespaces"};
  report.rule = "L1";
  report.why = "the strongest without privilege";
  report.promised.Set(Guarantee::kWrite, write_level::kConfined);
  report.promised.Set(Guarantee::kNetwork, network_level::kOff);
  report.unmet = {{Guarantee::kLimits, limits_level::kTree, false}};
  report.verdicts = {{"filesystem.write .", Verdict::kEnforced, "bind mount", ""},
                     {"limits.memory 4GiB", Verdict::kApproximated, "RLIMIT_DATA", "per process"},
                     {"limits.processes 512", Verdict::kNotEnforced, "", ""}};
  report.risks = {{"metadata_readable", "names and sizes outside can be read"}};
  report.fallbacks = {{{"linux_landlock", "bubblewrap"}, MakeReason("no_launcher", "not in this build")}};
  RunResult& result = report.result;
  result.usage = {std::chrono::seconds(1), std::chrono::milliseconds(20), std::chrono::milliseconds(3), 8u << 20, 42};
  result.violations = {{true, "connect to 169.254.169.254:80", "network.mode off"},
                       {false, "protected name created: .mcp.json", ""}};
  result.left_behind = {{"package.json\n\x1b[2J\xff", "modified", "npm runs its scripts"}};
  result.notices = {"the home layer is ephemeral: another run holds the kept one"};
  result.applied = {"landlock abi 7", "seccomp"};
}

Report Make(const Sample& sample) {
  Report report;
  report.command = {"", "sh", "-c", "printf '\xff\x1b'"};
  report.workspace = sample.ran ? "/home/dev/project" : "";
  if (sample.ran) FillRan(report);
  Outcome& outcome = report.result.outcome;
  outcome = {sample.kind, sample.code, sample.signal, {}};
  if (sample.kind == ExitKind::kRefused || sample.kind == ExitKind::kFailed) {
    outcome.reason = MakeReason("guarantee_unreachable:network", "network=off is required");
  }
  return report;
}

int Main() {
  Json all = Json::array();
  for (const Sample& sample : kSamples) all.push_back(ToJson(Make(sample)));
  Report relay = Make(kSamples[0]);
  relay.inner = std::make_shared<const Report>(Make(kSamples[1]));
  all.push_back(ToJson(relay));
  const std::string text = DumpJson(all);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

}  // namespace
}  // namespace paddock

int main() { return paddock::Main(); }
