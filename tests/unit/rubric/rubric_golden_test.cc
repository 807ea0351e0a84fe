#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/golden.h"
#include "tests/unit/rubric/rubric_hosts.h"

// The decision table: every host of tests/fixtures/hosts × workloads × requirement sets, one golden file for each host.

namespace paddock {
namespace {

struct Case {
  const char* name;
  Ask ask;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> kCases = {
      {"coding", {}},
      {"coding, command_os=any", {.command_os = CommandOs::kAny}},
      {"coding, command_os=linux", {.command_os = CommandOs::kLinux}},
      {"coding, prefer=isolation", {.prefer = Prefer::kIsolation}},
      {"coding, command_os=any, prefer=fidelity", {.command_os = CommandOs::kAny, .prefer = Prefer::kFidelity}},
      {"coding, write=confined required", {.command_os = CommandOs::kAny, .require = {"write=confined"}}},
      {"coding, network=off tree=contained process=isolated required",
       {.command_os = CommandOs::kAny, .require = {"network=off", "tree=contained", "process=isolated"}}},
      {"coding, network=filtered required", {.require = {"network=filtered"}}},
      {"coding, host_change=none required", {.require = {"host_change=none"}}},
      {"coding, network open", {.network = NetworkMode::kOpen}},
      {"coding, network brokered", {.network = NetworkMode::kBrokered}},
      {"computer-use", {.workload = Workload::kComputerUse, .with_workspace = false}},
      {"computer-use, write=modify-scoped ui=private-desktop required",
       {.workload = Workload::kComputerUse,
        .require = {"write=modify-scoped", "ui=private-desktop"},
        .with_workspace = false}},
      {"computer-use with a workspace", {.workload = Workload::kComputerUse}},
      {"computer-use with a workspace, workspace=mapped required",
       {.workload = Workload::kComputerUse, .require = {"workspace=mapped"}}},
      {"packaged-app", {.workload = Workload::kPackagedApp}},
      {"packaged-app, documentsLibrary declared, network=off required",
       {.workload = Workload::kPackagedApp, .require = {"network=off"}, .capabilities = {"documentsLibrary"}}},
      {"packaged-app, internetClient declared, network=off required",
       {.workload = Workload::kPackagedApp, .require = {"network=off"}, .capabilities = {"internetClient"}}},
      {"low-integrity", {.workload = Workload::kLowIntegrity, .network = NetworkMode::kOpen}},
      {"low-integrity, read=masked required", {.workload = Workload::kLowIntegrity, .require = {"read=masked"}}},
  };
  return kCases;
}

template <typename T, typename F>
std::string Joined(const std::vector<T>& items, F text) {
  return absl::StrJoin(items, " ", [&text](std::string* out, const T& item) { absl::StrAppend(out, text(item)); });
}

std::string Code(const Reason& reason) { return reason.code; }

void AppendLine(std::string& page, absl::string_view name, absl::string_view value) {
  if (!value.empty()) absl::StrAppend(&page, "  ", name, std::string(12 - name.size(), ' '), value, "\n");
}

void AppendDecision(const Decision& decision, std::string& page) {
  AppendLine(page, "rules", absl::StrJoin(decision.matched_rules, " "));
  AppendLine(page, "ranked", Ranking(decision));
  for (const Candidate& candidate : decision.ranked) {
    absl::StrAppend(&page, "  ", ToString(candidate.backend), "\n");
    AppendLine(page, "  reaches", Levels(candidate.reached));
    AppendLine(page, "  weakened", Joined(candidate.weakened_by, Code));
    AppendLine(page, "  risks", Joined(candidate.risks, [](const Risk& risk) { return risk.code; }));
  }
  // Backends with the same reasons share a line.
  std::vector<std::pair<std::string, std::string>> rejected;
  for (const Rejection& rejection : decision.rejected) {
    const std::string reasons = absl::StrCat(rejection.rule.empty() ? "" : "by ", rejection.rule,
                                             rejection.rule.empty() ? "" : ": ", Joined(rejection.reasons, Code));
    const std::string name = ToString(rejection.backend);
    if (!rejected.empty() && rejected.back().second == reasons) {
      absl::StrAppend(&rejected.back().first, " ", name);
    } else {
      rejected.emplace_back(name, reasons);
    }
  }
  for (const auto& [names, reasons] : rejected) AppendLine(page, "rejected", absl::StrCat(names, ": ", reasons));
  for (const std::string& hint : decision.hints) AppendLine(page, "hint", hint);
}

std::string Page(absl::string_view host) {
  const Facts facts = LoadHost(host);
  std::string page = absl::StrCat(facts.host.os_name, ", ", facts.host.architecture, ", ",
                                  facts.workspace.root.real_path, " (", facts.workspace.filesystem, ")\n");
  for (const Case& item : Cases()) {
    absl::StrAppend(&page, "\n", item.name, "\n");
    AppendDecision(Decide(item.ask, facts), page);
  }
  return page;
}

TEST(RubricGoldenTest, EveryHostDecidesAsReviewed) {
  const std::vector<std::string> hosts = HostNames();
  ASSERT_GE(hosts.size(), 26u);
  for (const std::string& host : hosts) ExpectGolden(absl::StrCat("tests/golden/decisions/", host, ".txt"), Page(host));
}

}  // namespace
}  // namespace paddock
