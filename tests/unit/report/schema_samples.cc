// Prints what the code writes for every host of tests/fixtures/hosts: {"facts": [...], "decision": [...], "plan":
// [...], "doctor": [...]}. The schema test reads it.

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "backends/linux_landlock/backend.h"
#include "core/base/json.h"
#include "core/doctor/doctor.h"
#include "tests/unit/rubric/rubric_hosts.h"

namespace paddock {
namespace {

void AddDecisions(const Facts& facts, Json& decisions) {
  for (const Workload workload :
       {Workload::kCoding, Workload::kComputerUse, Workload::kPackagedApp, Workload::kLowIntegrity}) {
    decisions.push_back(ToJson(Decide({.workload = workload}, facts)));
  }
  decisions.push_back(ToJson(Decide({.require = {"write=disposable"}}, facts)));
  decisions.push_back(ToJson(Decide({.would_like = {"limits=tree", "ui=separate-machine"}}, facts)));
  decisions.push_back(ToJson(Decide({.forced = "linux_landlock:no-such-tier"}, facts)));
}

void AddPlans(const Facts& facts, Json& plans) {
  if (facts.host.os != OsFamily::kLinux) return;
  const std::unique_ptr<Backend> backend = MakeLinuxLandlockBackend();
  const Request request = MakeAsk({}, facts);
  for (const std::string& tier : backend->info().tiers) {
    const absl::StatusOr<LaunchPlan> plan = backend->Plan(tier, request, facts);
    if (plan.ok()) plans.push_back(ToJson(*plan));
  }
}

int Main() {
  Json all = {
      {"facts", Json::array()}, {"decision", Json::array()}, {"plan", Json::array()}, {"doctor", Json::array()}};
  for (const std::string& name : HostNames()) {
    const Facts facts = LoadHost(name);
    all["facts"].push_back(ToJson(facts));
    AddDecisions(facts, all["decision"]);
    AddPlans(facts, all["plan"]);
    all["doctor"].push_back(ToJson(Diagnose(AllBackends(), MakeAsk({}, facts), facts, "/usr/bin/paddock")));
  }
  const std::string text = DumpJson(all);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

}  // namespace
}  // namespace paddock

int main() { return paddock::Main(); }
