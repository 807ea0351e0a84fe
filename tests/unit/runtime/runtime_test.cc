#include "core/runtime/runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeProbe : public HostProbe {
 public:
  explicit FakeProbe(absl::Status workspace_status = absl::OkStatus()) : status_(std::move(workspace_status)) {}
  HostFacts ProbeHost(const Request& /*request*/) const override {
    HostFacts facts;
    facts.linux_host.landlock_abi = {5, "fake"};
    return facts;
  }
  absl::StatusOr<WorkspaceFacts> ProbeWorkspace(const Request& request) const override {
    if (!status_.ok()) return status_;
    WorkspaceFacts facts;
    facts.root.real_path = request.workspace;
    return facts;
  }
  LeaseFacts ProbeLeases(const Request&) const override {
    LeaseFacts facts;
    facts.state_dir = "/state";
    return facts;
  }

 private:
  absl::Status status_;
};

// Plans what its table says, by tier; a tier that is not listed promises nothing and plans.
class FakeBackend : public Backend {
 public:
  explicit FakeBackend(std::string name, std::vector<std::string> tiers = {}) {
    info_.name = std::move(name);
    info_.tiers = std::move(tiers);
  }
  const BackendInfo& info() const override { return info_; }
  Assessment Assess(absl::string_view, const Request&, const Facts&) const override { return {}; }
  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request&, const Facts& facts) const override {
    EXPECT_EQ(facts.leases.state_dir, "/state");
    const auto found = plans.find(std::string(tier));
    if (found != plans.end() && !found->second.ok()) return found->second.status();
    LaunchPlan plan;
    plan.backend = {info_.name, std::string(tier)};
    if (found != plans.end()) plan.promised = *found->second;
    plan.verdicts = {{"filesystem.write .", Verdict::kEnforced, "fake", ""}};
    plan.risks = {{"fake_risk", "a risk"}};
    return plan;
  }

  std::map<std::string, absl::StatusOr<GuaranteeLevels>> plans;

 private:
  BackendInfo info_;
};

class FakeSandbox : public Sandbox {
 public:
  FakeSandbox(EventSink& sink, Outcome outcome, std::vector<RuleVerdict> learnt, std::vector<std::string>& log)
      : sink_(sink), outcome_(std::move(outcome)), learnt_(std::move(learnt)), log_(log) {}
  ~FakeSandbox() override { log_.push_back("ended"); }
  RunResult Wait() override {
    sink_.OnEvent(StartedEvent{7});
    sink_.OnEvent(OutputEvent{StreamId::kStdout, "hello"});
    sink_.OnEvent(ExitedEvent{outcome_});
    RunResult result;
    result.outcome = outcome_;
    result.applied = {"fake mechanism"};
    result.verdicts = learnt_;
    return result;
  }
  intptr_t wait_handle() const override { return -1; }
  absl::Status Write(absl::string_view bytes) override {
    log_.push_back(absl::StrCat("wrote ", bytes));
    return absl::OkStatus();
  }
  absl::Status CloseInput() override { return absl::OkStatus(); }
  absl::Status Resize(uint16_t, uint16_t) override { return absl::OkStatus(); }
  absl::Status Signal(int) override { return absl::OkStatus(); }

 private:
  EventSink& sink_;
  Outcome outcome_;
  std::vector<RuleVerdict> learnt_;
  std::vector<std::string>& log_;
};

// Answers launches by the table, in order of tiers asked; everything else succeeds with status 3.
class FakeLauncher : public Launcher {
 public:
  FakeLauncher(std::string backend, std::vector<std::string>& log) : backend_(std::move(backend)), log_(log) {}
  absl::string_view backend() const override { return backend_; }
  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio&, EventSink& sink) override {
    log_.push_back(ToString(plan.backend));
    const auto found = errors.find(plan.backend.tier);
    if (found != errors.end()) return found->second;
    return std::make_unique<FakeSandbox>(sink, Outcome{ExitKind::kExited, 3, 0, {}}, learnt, sandboxes);
  }

  std::map<std::string, absl::Status> errors;
  std::vector<RuleVerdict> learnt;     // what every run finds out
  std::vector<std::string> sandboxes;  // what was done to them

 private:
  std::string backend_;
  std::vector<std::string>& log_;
};

class RecordingSink : public EventSink {
 public:
  void OnEvent(const Event& event) override {
    if (std::holds_alternative<StartedEvent>(event)) events.push_back("started");
    if (const auto* output = std::get_if<OutputEvent>(&event)) events.push_back(absl::StrCat("output ", output->bytes));
    if (const auto* notice = std::get_if<NoticeEvent>(&event)) {
      events.push_back("notice");
      notices.push_back(notice->text);
    }
    if (const auto* exited = std::get_if<ExitedEvent>(&event)) {
      events.push_back(absl::StrCat("exited ", Name(exited->outcome.kind)));
    }
  }
  std::vector<std::string> events;
  std::vector<std::string> notices;
};

GuaranteeLevels Levels(Level write, Level process) {
  GuaranteeLevels levels;
  levels.Set(Guarantee::kWrite, write);
  levels.Set(Guarantee::kProcess, process);
  return levels;
}

Candidate Ranked(absl::string_view ref, GuaranteeLevels reached = {}) {
  Candidate candidate;
  candidate.backend = ParseBackendRef(ref);
  candidate.rule = absl::StrCat("rule of ", ref);
  candidate.why = "because";
  candidate.reached = reached;
  return candidate;
}

class RuntimeTest : public testing::Test {
 protected:
  RuntimeTest() : runtime_(std::make_unique<FakeProbe>()) {
    auto alpha = std::make_unique<FakeBackend>("alpha");
    alpha_ = alpha.get();
    runtime_.Register(std::move(alpha));
    runtime_.Register(std::make_unique<FakeBackend>("beta"));
    auto launcher = std::make_unique<FakeLauncher>("alpha", launches_);
    alpha_launcher_ = launcher.get();
    runtime_.Register(std::move(launcher));
    request_.workspace = "/ws";
    request_.command = {"make", "all"};
  }

  Report RunRanked(std::vector<Candidate> ranked) {
    Decision decision;
    decision.ranked = std::move(ranked);
    return RunDecision(decision);
  }
  Report RunDecision(const Decision& decision) {
    const absl::StatusOr<Facts> facts = runtime_.Probe(request_);
    EXPECT_TRUE(facts.ok());
    auto started = runtime_.StartDecided(request_, *facts, decision, Stdio{}, sink_);
    if (Report* const report = std::get_if<Report>(&started)) return std::move(*report);
    return std::get<std::unique_ptr<ActiveRun>>(started)->Wait();
  }

  std::vector<std::string> launches_;
  Runtime runtime_;
  FakeBackend* alpha_ = nullptr;
  FakeLauncher* alpha_launcher_ = nullptr;
  Request request_;
  RecordingSink sink_;
};

TEST_F(RuntimeTest, RunsTheBestCandidateAndReportsWhatWasApplied) {
  const GuaranteeLevels strong = Levels(write_level::kConfined, process_level::kIsolated);
  alpha_->plans.emplace("one", strong);
  const Report report = RunRanked({Ranked("alpha:one", strong), Ranked("alpha:two")});

  EXPECT_THAT(launches_, ElementsAre("alpha:one"));
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kExited);
  EXPECT_EQ(report.result.outcome.code, 3);
  EXPECT_EQ(ToString(report.backend), "alpha:one");
  EXPECT_EQ(report.rule, "rule of alpha:one");
  EXPECT_EQ(report.promised, strong);
  EXPECT_EQ(report.command, request_.command);
  EXPECT_EQ(report.workspace, "/ws");
  ASSERT_EQ(report.verdicts.size(), 1u);
  ASSERT_EQ(report.risks.size(), 1u);
  EXPECT_THAT(report.result.applied, ElementsAre("fake mechanism"));
  EXPECT_THAT(report.fallbacks, IsEmpty());
  EXPECT_THAT(report.result.notices, IsEmpty());
  EXPECT_THAT(sink_.events, ElementsAre("started", "output hello", "exited exited"));
}

TEST_F(RuntimeTest, AStartedRunIsReachedByItsSandboxAndEndsWithItsOwner) {
  Decision decision;
  decision.ranked = {Ranked("beta"), Ranked("alpha:one")};
  const absl::StatusOr<Facts> facts = runtime_.Probe(request_);
  ASSERT_TRUE(facts.ok());
  auto started = runtime_.StartDecided(request_, *facts, decision, Stdio{}, sink_);
  auto* const run = std::get_if<std::unique_ptr<ActiveRun>>(&started);
  ASSERT_NE(run, nullptr);
  EXPECT_THAT(sink_.events, ElementsAre("notice"));
  EXPECT_TRUE((*run)->sandbox().Write("input").ok());
  EXPECT_THAT(alpha_launcher_->sandboxes, ElementsAre("wrote input"));

  const Report report = (*run)->Wait();
  EXPECT_EQ(report.result.outcome.code, 3);
  EXPECT_EQ(ToString(report.backend), "alpha:one");
  EXPECT_EQ(report.fallbacks.size(), 1u);
  EXPECT_THAT(sink_.events, ElementsAre("notice", "started", "output hello", "exited exited"));
  run->reset();
  EXPECT_THAT(alpha_launcher_->sandboxes, ElementsAre("wrote input", "ended"));
}

TEST_F(RuntimeTest, WhatCannotBeStartedIsAReportAtOnce) {
  auto started = runtime_.StartDecided(request_, Facts(), Decision(), Stdio{}, sink_);
  const Report* const report = std::get_if<Report>(&started);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->result.outcome.kind, ExitKind::kRefused);
  EXPECT_THAT(sink_.events, ElementsAre("exited refused"));
}

TEST_F(RuntimeTest, WhatALaunchLearnsTakesThePlaceOfWhatWasPlanned) {
  const RuleVerdict weaker = {"filesystem.write .", Verdict::kNotEnforced, "none", "it was not to be had"};
  const RuleVerdict other = {"filesystem.home", Verdict::kApproximated, "tmpfs", "nothing is kept"};
  alpha_launcher_->learnt = {weaker, other};
  const Report report = RunRanked({Ranked("alpha:one")});
  EXPECT_THAT(report.verdicts, ElementsAre(weaker, other));
}

TEST_F(RuntimeTest, UnavailableFallsThroughInOrderAndSaysSo) {
  const GuaranteeLevels strong = Levels(write_level::kConfined, process_level::kIsolated);
  const GuaranteeLevels weak = Levels(write_level::kConfined, process_level::kShared);
  alpha_->plans.emplace("one", strong);
  alpha_->plans.emplace("two", strong);
  alpha_->plans.emplace("three", weak);
  alpha_launcher_->errors["one"] =
      ReasonError(absl::StatusCode::kUnavailable, "no_launcher", "no user namespace for us");
  alpha_launcher_->errors["two"] = absl::UnavailableError("no binary");
  const Report report =
      RunRanked({Ranked("alpha:one", strong), Ranked("alpha:two", strong), Ranked("alpha:three", weak)});

  EXPECT_THAT(launches_, ElementsAre("alpha:one", "alpha:two", "alpha:three"));
  EXPECT_EQ(ToString(report.backend), "alpha:three");
  ASSERT_EQ(report.fallbacks.size(), 2u);
  EXPECT_EQ(ToString(report.fallbacks[0].backend), "alpha:one");
  EXPECT_EQ(report.fallbacks[0].reason.detail, "no user namespace for us");
  EXPECT_EQ(report.fallbacks[1].reason.code, "launch_failed");
  EXPECT_EQ(report.fallbacks[1].reason.detail, "no binary");
  EXPECT_EQ(report.promised, weak);
  ASSERT_EQ(report.result.notices.size(), 1u);
  EXPECT_THAT(report.result.notices[0], HasSubstr("process=shared instead of isolated"));
  EXPECT_THAT(sink_.events, ElementsAre("notice", "notice", "started", "output hello", "exited exited"));
  EXPECT_THAT(sink_.notices[0], HasSubstr("alpha:one cannot be used: no user namespace for us"));
}

TEST_F(RuntimeTest, APlanThatIsUnavailableFallsThroughToo) {
  alpha_->plans.emplace("one", absl::UnavailableError("not here"));
  const Report report = RunRanked({Ranked("alpha:one"), Ranked("alpha:two")});
  EXPECT_THAT(launches_, ElementsAre("alpha:two"));
  EXPECT_EQ(report.fallbacks.size(), 1u);
}

TEST_F(RuntimeTest, ACandidateWithoutLauncherCountsAsUnavailable) {
  const Report report = RunRanked({Ranked("beta"), Ranked("alpha:one")});
  ASSERT_EQ(report.fallbacks.size(), 1u);
  EXPECT_EQ(report.fallbacks[0].reason.code, "no_launcher");
  EXPECT_EQ(ToString(report.backend), "alpha:one");
}

TEST_F(RuntimeTest, EveryOtherErrorOfALaunchEndsTheRun) {
  const struct {
    absl::StatusCode code;
    ExitKind kind;
  } kCases[] = {
      {absl::StatusCode::kInternal, ExitKind::kFailed},
      {absl::StatusCode::kUnknown, ExitKind::kFailed},
      {absl::StatusCode::kPermissionDenied, ExitKind::kFailed},
      {absl::StatusCode::kDeadlineExceeded, ExitKind::kFailed},
      {absl::StatusCode::kResourceExhausted, ExitKind::kFailed},
      {absl::StatusCode::kAborted, ExitKind::kFailed},
      {absl::StatusCode::kUnimplemented, ExitKind::kFailed},
      {absl::StatusCode::kFailedPrecondition, ExitKind::kRefused},
      {absl::StatusCode::kInvalidArgument, ExitKind::kRefused},
  };
  for (const auto& test : kCases) {
    launches_.clear();
    sink_.events.clear();
    alpha_launcher_->errors["one"] = absl::Status(test.code, "mount refused");
    const Report report = RunRanked({Ranked("alpha:one"), Ranked("alpha:two")});
    EXPECT_THAT(launches_, ElementsAre("alpha:one")) << absl::StatusCodeToString(test.code);
    EXPECT_EQ(report.result.outcome.kind, test.kind) << absl::StatusCodeToString(test.code);
    EXPECT_EQ(report.result.outcome.reason.code, "launch_failed");
    EXPECT_EQ(report.result.outcome.reason.detail, "mount refused");
    EXPECT_EQ(report.backend.name, "");
    EXPECT_EQ(sink_.events, std::vector<std::string>({absl::StrCat("exited ", Name(test.kind))}));
  }
}

TEST_F(RuntimeTest, ARefusedPlanEndsTheRunWithItsReason) {
  alpha_->plans.emplace("one", ReasonError(absl::StatusCode::kFailedPrecondition, "no_rule", "the workspace is /"));
  const Report report = RunRanked({Ranked("alpha:one"), Ranked("alpha:two")});
  EXPECT_THAT(launches_, IsEmpty());
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_EQ(report.result.outcome.reason.detail, "the workspace is /");
  EXPECT_THAT(sink_.events, ElementsAre("exited refused"));
}

TEST_F(RuntimeTest, APlanBelowARequiredLevelIsRefusedWhateverTheDecisionSaid) {
  alpha_->plans.emplace("one", Levels(write_level::kScoped, 0));
  request_.policy.requirements = {{Guarantee::kWrite, write_level::kConfined, /*required=*/true}};
  const Report report = RunRanked({Ranked("alpha:one", Levels(write_level::kConfined, 0))});
  EXPECT_THAT(launches_, IsEmpty());
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_EQ(report.result.outcome.reason.code, "guarantee_unreachable:write");
  EXPECT_THAT(report.result.outcome.reason.detail, HasSubstr("write=scoped, required is confined"));
}

TEST_F(RuntimeTest, APreferredLevelThatIsNotReachedIsToldAndRuns) {
  alpha_->plans.emplace("one", Levels(write_level::kScoped, 0));
  request_.policy.requirements = {{Guarantee::kWrite, write_level::kConfined, /*required=*/false}};
  const Report report = RunRanked({Ranked("alpha:one")});
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kExited);
  EXPECT_THAT(report.unmet, ElementsAre(request_.policy.requirements[0]));
}

TEST_F(RuntimeTest, NothingRankedIsRefusedWithTheReasonsOfTheBestRejected) {
  Decision decision;
  decision.rejected = {
      {{"beta", ""}, "", {MakeReason("no_launcher", "not for this rule")}, {}},
      {{"alpha", "one"}, "L1", {MakeReason("no_rule", "first"), MakeReason("no_launcher", "second")}, {}},
  };
  const Report report = RunDecision(decision);
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_EQ(report.result.outcome.reason.code, "no_rule");
  EXPECT_EQ(report.result.outcome.reason.detail, "alpha:one: first; second (no_launcher)");
  EXPECT_EQ(report.backend.name, "");
  EXPECT_THAT(sink_.events, ElementsAre("exited refused"));
}

TEST_F(RuntimeTest, AnEmptyDecisionIsRefusedWithAReason) {
  const Report report = RunDecision(Decision{});
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_EQ(report.result.outcome.reason.code, "no_rule");
  EXPECT_EQ(ExitStatus(report.result.outcome), 125);
}

TEST_F(RuntimeTest, EveryCandidateUnavailableIsRefusedWithTheFirstOnesReason) {
  alpha_launcher_->errors["one"] = absl::UnavailableError("no namespaces");
  const Report report = RunRanked({Ranked("alpha:one"), Ranked("beta")});
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_THAT(report.result.outcome.reason.detail, HasSubstr("no namespaces"));
  EXPECT_EQ(report.fallbacks.size(), 2u);
  EXPECT_EQ(report.backend.name, "");
  EXPECT_THAT(sink_.events, ElementsAre("notice", "notice", "exited refused"));
}

TEST_F(RuntimeTest, ABackendThatIsNotRegisteredIsNamed) {
  const Report report = RunRanked({Ranked("gamma")});
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_EQ(report.result.outcome.reason.code, "unknown_backend");
  EXPECT_THAT(report.result.outcome.reason.detail, HasSubstr("'gamma'"));
}

TEST_F(RuntimeTest, AProbeThatFailsEndsInAReportAndOneEvent) {
  Runtime runtime(std::make_unique<FakeProbe>(absl::InternalError("stat failed")));
  const Report report = runtime.Run(request_, Stdio{}, sink_);
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kFailed);
  EXPECT_EQ(report.result.outcome.reason.code, "probe_failed");
  EXPECT_EQ(report.result.outcome.reason.detail, "stat failed");
  EXPECT_THAT(sink_.events, ElementsAre("exited failed"));
}

// With real decisions, on a host that has Landlock and may have user namespaces.
class RuntimeWithRubricTest : public testing::Test {
 protected:
  RuntimeWithRubricTest() : runtime_(std::make_unique<FakeProbe>()) {
    runtime_.Register(
        std::make_unique<FakeBackend>("linux_landlock", std::vector<std::string>{"namespaces", "landlock"}));
    auto launcher = std::make_unique<FakeLauncher>("linux_landlock", launches_);
    launcher_ = launcher.get();
    runtime_.Register(std::move(launcher));
    request_.command = {"true"};
  }
  std::vector<std::string> launches_;
  Runtime runtime_;
  FakeLauncher* launcher_ = nullptr;
  Request request_;
  RecordingSink sink_;
};

TEST_F(RuntimeWithRubricTest, TakesTheRankingsFirst) {
  const Report report = runtime_.Run(request_, Stdio{}, sink_);
  EXPECT_THAT(launches_, ElementsAre("linux_landlock:namespaces"));
  EXPECT_EQ(report.rule, "L1");
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kExited);
}

TEST_F(RuntimeWithRubricTest, FallsBackAlongTheRanking) {
  launcher_->errors["namespaces"] = absl::UnavailableError("EPERM");
  const Report report = runtime_.Run(request_, Stdio{}, sink_);
  EXPECT_THAT(launches_, ElementsAre("linux_landlock:namespaces", "linux_landlock:landlock"));
  EXPECT_EQ(report.rule, "L3");
}

TEST_F(RuntimeWithRubricTest, AForcedBackendHasNoFallback) {
  request_.policy.backend.forced = "linux_landlock:landlock";
  launcher_->errors["landlock"] = absl::UnavailableError("EOPNOTSUPP");
  const Report report = runtime_.Run(request_, Stdio{}, sink_);
  EXPECT_THAT(launches_, ElementsAre("linux_landlock:landlock"));
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_EQ(report.backend.name, "");
}

TEST_F(RuntimeWithRubricTest, WithoutBackendsEverythingIsRefused) {
  Runtime empty(std::make_unique<FakeProbe>());
  const Report report = empty.Run(request_, Stdio{}, sink_);
  EXPECT_EQ(report.result.outcome.kind, ExitKind::kRefused);
  EXPECT_THAT(sink_.events, ElementsAre("exited refused"));
}

}  // namespace
}  // namespace paddock
