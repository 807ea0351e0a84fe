#include "core/backend/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/backend/assessment_builder.h"
#include "core/backend/policy_rules.h"
#include "tests/unit/rubric/rubric_hosts.h"

// One suite over all backends: what each says, for every recorded host and for a host of which nothing is known, keeps
// the contract of core/backend/backend.h.

namespace paddock {
namespace {

std::vector<Request> Requests(const Facts& facts) {
  const std::vector<Ask> asks = {
      {},
      {.command_os = CommandOs::kAny, .network = NetworkMode::kOpen},
      {.command_os = CommandOs::kLinux, .require = {"write=confined", "network=off"}},
      {.network = NetworkMode::kBrokered},
      {.writing = false, .secrets = false},
      {.workload = Workload::kComputerUse, .with_workspace = false},
      {.workload = Workload::kPackagedApp, .capabilities = {"documentsLibrary"}},
      {.workload = Workload::kLowIntegrity},
  };
  std::vector<Request> requests;
  for (const Ask& ask : asks) requests.push_back(MakeAsk(ask, facts));
  Request rich = MakeAsk({}, facts);
  rich.policy.filesystem.read = ReadMode::kMinimal;
  rich.policy.filesystem.tmp = TmpMode::kHost;
  rich.policy.filesystem.home = HomeMode::kReadOnly;
  rich.policy.limits = {std::chrono::minutes(1), std::chrono::seconds(9), 1u << 30, 64, 1u << 20, 1u << 20};
  const bool windows = facts.host.os == OsFamily::kWindows;
  rich.read_only = {{windows ? "C:\\Tools" : "/usr/share", false, "tools", {"policy.toml", 3}}};
  rich.unix_sockets = {{"/run/agent.sock", false, "/run/agent.sock", {"policy.toml", 4}}};
  requests.push_back(rich);
  return requests;
}

// Faults of `backend` over all hosts, each once, with the first host that shows it.
std::vector<std::string> FaultsOf(const Backend& backend, size_t& plans) {
  std::map<std::string, std::string> seen;
  const auto look = [&](const std::string& host, const Facts& facts) {
    for (const Request& request : Requests(facts)) {
      const std::vector<std::string>& tiers = backend.info().tiers;
      plans += backend.Plan(tiers.empty() ? "" : tiers.front(), request, facts).ok() ? 1 : 0;
      for (const std::string& fault : ConformanceFaults(backend, request, facts)) seen.emplace(fault, host);
    }
  };
  for (const std::string& host : HostNames()) look(host, LoadHost(host));
  look("a host of which nothing is known", Facts{});
  std::vector<std::string> faults;
  for (const auto& [fault, host] : seen) faults.push_back(absl::StrCat(fault, " (", host, ")"));
  return faults;
}

TEST(ConformanceTest, EveryBackendKeepsTheContractOnEveryHost) {
  for (const Backend* backend : AllBackends()) {
    size_t plans = 0;
    const std::vector<std::string> faults = FaultsOf(*backend, plans);
    EXPECT_TRUE(faults.empty()) << absl::StrJoin(faults, "\n");
    // The control: plans were looked at, and not refusals alone.
    if (backend->info().name == "linux_landlock") {
      EXPECT_GE(plans, 20u);
    }
  }
}

// A backend that breaks what it is told to break.
class Careless : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }
  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    AssessmentBuilder builder(request, facts);
    for (const Condition condition :
         {Condition::kOpenBinaries, Condition::kHostWorkspace, Condition::kNoAdmin, Condition::kTree}) {
      builder.Meet(condition, Meets::kYes, "so it says");
    }
    if (!builder.RequireHost(OsFamily::kLinux)) return std::move(builder).Take();
    if (blocked) builder.Block("host_os_mismatch", "for a test");
    if (!own_code.empty()) builder.WeakenedBy(Reason{own_code, "for a test", remedy});
    builder.Reach(Guarantee::kTree, tree);
    Assessment assessment = std::move(builder).Take();
    if (forgetful) assessment.conditions.pop_back();
    if (impure) assessment.risks.push_back({"asked_before", absl::StrCat(++asked_, " times")});
    return assessment;
  }
  absl::StatusOr<LaunchPlan> Plan(absl::string_view /*tier*/, const Request& request,
                                  const Facts& facts) const override {
    if (facts.host.os != OsFamily::kLinux || (blocked && !heedless)) {
      return reasonless ? absl::FailedPreconditionError("no")
                        : ReasonError(absl::StatusCode::kFailedPrecondition, "host_os_mismatch", "for a test");
    }
    LaunchPlan plan;
    plan.backend = {info_.name, ""};
    plan.promised.Set(Guarantee::kTree, promised);
    for (const std::string& rule : PolicyRules(request)) {
      plan.verdicts.push_back({rule, Verdict::kNotEnforced, mechanism, "everything"});
    }
    for (int i = 0; i < more_verdicts; ++i) plan.verdicts.push_back(plan.verdicts.back());
    if (more_verdicts < 0) plan.verdicts.pop_back();
    if (body) plan.body = std::make_shared<Body>();
    return plan;
  }

  bool blocked = false, heedless = false, reasonless = false, forgetful = false, impure = false, body = true;
  Level tree = tree_level::kInherited, promised = tree_level::kInherited;
  int more_verdicts = 0;
  std::string own_code, remedy = "mend it", mechanism = "none";

 private:
  struct Body : PlanBody {
    Json ToJson() const override { return Json::object(); }
  };
  const BackendInfo info_ = {"careless", "for tests", OsFamily::kLinux, {}};
  mutable int asked_ = 0;
};

TEST(ConformanceTest, EachBreachIsFound) {
  const struct {
    void (*spoil)(Careless& backend);
    const char* fault;  // empty: none
  } kCases[] = {
      {[](Careless&) {}, ""},
      {[](Careless& b) { b.own_code = "careless_about_this"; }, ""},
      {[](Careless& b) { b.blocked = true; }, ""},
      {[](Careless& b) { b.own_code = "somebodys_code"; }, "neither a known reason code"},
      {[](Careless& b) { b.own_code = "careless_about_this", b.remedy = ""; }, "has no remedy"},
      {[](Careless& b) { b.blocked = b.heedless = true; }, "plans although Assess is blocked"},
      {[](Careless& b) { b.blocked = b.reasonless = true; }, "refuses without a reason"},
      {[](Careless& b) { b.forgetful = true; }, "four conditions"},
      {[](Careless& b) { b.impure = true; }, "differently when asked again"},
      {[](Careless& b) { b.tree = b.promised = 7; }, "a level of tree that does not exist"},
      {[](Careless& b) { b.promised = tree_level::kContained; }, "promises tree=contained, Assess reaches inherited"},
      {[](Careless& b) { b.tree = tree_level::kContained; }, "promises tree=inherited, Assess reaches contained"},
      {[](Careless& b) { b.more_verdicts = 1; }, "more than one verdict on"},
      {[](Careless& b) { b.more_verdicts = -1; }, "no verdict on"},
      {[](Careless& b) { b.mechanism = ""; }, "names no mechanism"},
      {[](Careless& b) { b.body = false; }, "has no body"},
  };
  const Facts facts = LoadHost("linux_6_18");
  for (const auto& test : kCases) {
    Careless backend;
    test.spoil(backend);
    const std::string faults = absl::StrJoin(ConformanceFaults(backend, MakeAsk({}, facts), facts), "\n");
    EXPECT_THAT(faults, test.fault[0] == '\0' ? testing::Matcher<std::string>(testing::IsEmpty())
                                              : testing::HasSubstr(test.fault));
  }
}

}  // namespace
}  // namespace paddock
