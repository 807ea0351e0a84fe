#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/escape.h"
#include "cli/render_decision.h"
#include "cli/render_json.h"
#include "cli/render_report.h"

namespace paddock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Request AskedFor() {
  Request request;
  request.policy.requirements = {{Guarantee::kWrite, write_level::kConfined, true},
                                 {Guarantee::kLimits, limits_level::kTree, false}};
  return request;
}

Decision Ranked() {
  Decision decision;
  decision.matched_rules = {"L1"};
  Candidate candidate;
  candidate.backend = {"linux_landlock", "namespaces"};
  candidate.rule = "L1";
  candidate.why = "the strongest without privilege";
  candidate.reached.Set(Guarantee::kWrite, write_level::kConfined);
  candidate.unmet = {{Guarantee::kLimits, limits_level::kTree, false}};
  candidate.weakened_by = {{"cgroup_not_delegated", "no cgroup is ours", "systemd-run --user --scope"}};
  candidate.risks = {{"some_risk", "something stays possible"}};
  decision.ranked = {candidate};
  decision.rejected = {{{"wsl2", ""}, "", {{"wsl2_absent", "this is \x1b[31mno Windows", "install it"}}, {}}};
  decision.hints = {"stronger: --command-os any"};
  return decision;
}

TEST(RenderExplanation, DecisionFirstThenWhyThenTheRest) {
  const Request request = AskedFor();
  const Decision decision = Ranked();
  const std::string text = RenderExplanation({request, decision, nullptr, std::nullopt}, false);
  EXPECT_EQ(text,
            R"(linux_landlock:namespaces would run this; it does not reach everything that was preferred.

Why
  1. linux_landlock:namespaces, by rule L1: the strongest without privilege

Rejected
  wsl2
      this is \x1B[31mno Windows (wsl2_absent)
      remedy: install it

Guarantees of linux_landlock:namespaces
  guarantee    asked                reached
  write        confined (required)  confined   met
  read         -                    none
  network      -                    open
  tree         -                    inherited
  process      -                    shared
  ui           -                    shared
  limits       tree (preferred)     none       NOT MET
  workspace    -                    none
  host_change  -                    permanent

What holds it down on this host
  no cgroup is ours (cgroup_not_delegated)
  remedy: systemd-run --user --scope

What stays possible all the same
  - something stays possible (some_risk)

Hints
  - stronger: --command-os any
)");
}

TEST(RenderExplanation, SameReasonsAreSaidOnce) {
  const Request request = AskedFor();
  Decision decision = Ranked();
  const Reason windows = {"host_os_mismatch", "runs on Windows hosts only", "go there"};
  decision.rejected = {{{"a", ""}, "", {windows}, {{Condition::kTree, Meets::kYes, ""}}},
                       {{"b", ""}, "", {windows}, {{Condition::kTree, Meets::kNo, "leaks"}}},
                       {{"c", ""}, "W4b", {windows}, {}}};
  EXPECT_THAT(RenderExplanation({request, decision, nullptr, std::nullopt}, false), HasSubstr(R"(Rejected
  a, b
      runs on Windows hosts only (host_os_mismatch)
      remedy: go there
      a: tree=yes
      b: tree=no (leaks)
  c (added by rule W4b)
      runs on Windows hosts only (host_os_mismatch)
      remedy: go there
)"));
}

TEST(RenderExplanation, ColourOnlyWhenAsked) {
  const Request request = AskedFor();
  const Decision decision = Ranked();
  EXPECT_THAT(RenderExplanation({request, decision, nullptr, std::nullopt}, true), HasSubstr("\x1b["));
  EXPECT_THAT(RenderExplanation({request, decision, nullptr, std::nullopt}, false), Not(HasSubstr("\x1b")));
}

TEST(RenderExplanation, NothingMayRun) {
  const Request request = AskedFor();
  Decision decision = Ranked();
  decision.ranked.clear();
  const std::string text = RenderExplanation({request, decision, nullptr, std::nullopt}, false);
  EXPECT_THAT(text, ::testing::StartsWith("Nothing may run"));
  EXPECT_THAT(text, HasSubstr("rules that match: L1"));
  EXPECT_THAT(text, Not(HasSubstr("Guarantees")));
}

TEST(RenderExplanation, AChoiceThatCannotBePlannedRunsNothing) {
  const Request request = AskedFor();
  const Decision decision = Ranked();
  const std::string text = RenderExplanation(
      {request, decision, nullptr, Reason{"workspace_is_root", "/ is no workspace", "choose one"}}, false);
  EXPECT_THAT(text, ::testing::StartsWith("Nothing would run"));
  EXPECT_THAT(text, HasSubstr("/ is no workspace (workspace_is_root)"));
  EXPECT_THAT(text, HasSubstr("remedy: choose one"));
}

TEST(RenderExplanation, AChoiceWithoutAPlannerIsStillTheChoice) {
  const Request request = AskedFor();
  const Decision decision = Ranked();
  const Explanation explanation{request, decision, nullptr, Reason{"plan_not_in_build", "no planner", ""}};
  EXPECT_THAT(
      RenderExplanation(explanation, false),
      ::testing::StartsWith("linux_landlock:namespaces is the choice, but this build cannot plan or launch it."));
}

TEST(RenderExplanation, ListsOnlyRulesThatAreNotEnforced) {
  const Request request = AskedFor();
  const Decision decision = Ranked();
  LaunchPlan plan;
  plan.verdicts = {{"filesystem.deny_read ~/.ssh", Verdict::kEnforced, "mask", ""},
                   {"limits.memory", Verdict::kApproximated, "RLIMIT_DATA", "per process"}};
  const std::string text = RenderExplanation({request, decision, &plan, std::nullopt}, false);
  EXPECT_THAT(text, HasSubstr("1 of 2 are enforced as written; these are not:"));
  EXPECT_THAT(text, HasSubstr("approximated limits.memory: per process"));
  EXPECT_THAT(text, Not(HasSubstr("~/.ssh")));
}

TEST(RenderJson, ListsAnything) {
  const Json json = Json::parse(R"({"a": 1, "b": {"c": null, "d": true}, "e": ["x", "y"], "f": [], "g\u001b": "z\n",
    "h": [{"long": ")" + std::string(40, 'v') +
                                R"(", "other": ")" + std::string(40, 'w') + R"("}]})");
  EXPECT_EQ(RenderJson(json, false), "a: 1\nb: c=-, d=yes\ne: x, y\nf: none\ng\\x1B: z\\n\nh:\n  -\n    long: " +
                                         std::string(40, 'v') + "\n    other: " + std::string(40, 'w') + "\n");
  EXPECT_EQ(RenderJson(Json("text"), false), "text\n");
}

TEST(MessagesFor, SuccessIsSilent) {
  Report report;
  report.result.outcome = {ExitKind::kExited, 0, 0, {}};
  EXPECT_THAT(MessagesFor(report).errors, IsEmpty());
  EXPECT_THAT(MessagesFor(report).notices, IsEmpty());
  report.result.outcome = {ExitKind::kExited, 3, 0, {}};
  EXPECT_THAT(MessagesFor(report).errors, IsEmpty());
}

TEST(MessagesFor, EveryEndThatIsNotTheCommandsOwnIsSaid) {
  for (const ExitKind kind :
       {ExitKind::kWallLimit, ExitKind::kOutputLimit, ExitKind::kMemoryLimit, ExitKind::kProcessLimit,
        ExitKind::kCpuLimit, ExitKind::kRefused, ExitKind::kNotFound, ExitKind::kNotExecutable, ExitKind::kFailed}) {
    Report report;
    report.command = {"cmd"};
    report.result.outcome = {kind, 0, 0, {"code", "detail", "remedy"}};
    const auto errors = MessagesFor(report).errors;
    // A command that is not there is said in one line, as a shell does.
    const bool about_command = kind == ExitKind::kNotFound || kind == ExitKind::kNotExecutable;
    ASSERT_EQ(errors.size(), about_command ? 1u : 2u) << Name(kind);
    EXPECT_THAT(errors[0], HasSubstr("detail (code)"));
    if (!about_command) {
      EXPECT_EQ(errors[1], "remedy: remedy");
    }
  }
}

TEST(MessagesFor, SignalsThatNobodySendsOnPurpose) {
  Report report;
  report.result.outcome = {ExitKind::kSignalled, 0, 11, {}};
  EXPECT_THAT(MessagesFor(report).notices, ElementsAre("the command was ended by SIGSEGV"));
  report.result.outcome.signal = 15;
  EXPECT_THAT(MessagesFor(report).notices, IsEmpty());
}

TEST(MessagesFor, NoticesOneLineEach) {
  Report report;
  report.result.outcome = {ExitKind::kExited, 0, 0, {}};
  report.fallbacks = {{{"linux_landlock", "namespaces"}, {"userns_denied", "clone said EPERM", ""}}};
  report.unmet = {{Guarantee::kLimits, limits_level::kTree, false}, {Guarantee::kNetwork, network_level::kOff, false}};
  report.result.violations = {{true, "connect refused", "network.mode off"}, {false, "name created: .mcp.json", ""}};
  report.result.left_behind = {{"package.json", "modified", "npm runs its scripts"}};
  report.result.notices = {"the home layer fell back to ephemeral"};
  EXPECT_THAT(
      MessagesFor(report).notices,
      ElementsAre("fell back: linux_landlock:namespaces was unavailable: clone said EPERM (userns_denied)",
                  "weaker here than preferred: limits=none instead of tree, network=open instead of off (`paddock "
                  "explain` says why)",
                  "violation: connect refused (network.mode off)", "violation (inferred): name created: .mcp.json",
                  "changed, and executed on the host later: package.json (--report FILE says by what)",
                  "the home layer fell back to ephemeral"));
}

TEST(MessagesFor, ARelaysFarSideTellsWhatThisSideCouldNotKnow) {
  Report report;
  report.workspace = "C:\\ws";
  report.result.outcome = {ExitKind::kExited, 0, 0, {}};
  report.result.left_behind = {{"C:\\ws\\a\\package.json", "modified", "npm"}, {"C:\\wsx\\b", "modified", "make"}};
  report.unmet = {{Guarantee::kLimits, limits_level::kTree, false}};
  auto inner = std::make_shared<Report>();
  inner->fallbacks = {{{"linux_landlock", "namespaces"}, {"userns_denied", "clone said EPERM", ""}}};
  inner->unmet = {{Guarantee::kLimits, limits_level::kTree, false}, {Guarantee::kTree, tree_level::kContained, false}};
  inner->result.notices = {"said once"};
  report.inner = inner;
  report.result.notices = {"said once"};
  EXPECT_THAT(
      MessagesFor(report).notices,
      ElementsAre("weaker here than preferred: limits=none instead of tree (`paddock explain` says why)",
                  "inside: fell back: linux_landlock:namespaces was unavailable: clone said EPERM (userns_denied)",
                  "weaker inside than preferred: tree=inherited instead of contained",
                  "changed, and executed on the host later: a\\package.json, C:\\wsx\\b (--report FILE says by "
                  "what)",
                  "said once"));
}

TEST(MessagesFor, WhatIsInferredTakesOneLineForAllPaths) {
  Report report;
  report.workspace = "/ws";
  report.result.outcome = {ExitKind::kExited, 0, 0, {}};
  for (const char* path : {"/ws/.git/hooks", "/ws/.git/config", "/ws2/x", "/ws/.vscode", "/ws/.mcp.json"}) {
    report.result.violations.push_back({false, absl::StrCat("protected path was created: ", path), "deny_write", path});
  }
  report.result.violations.push_back({false, "protected path was removed: /ws/.idea", "", "/ws/.idea"});
  report.result.left_behind = {{"/ws/.git", "created", "git runs its hooks"}, {"/ws/a/b", "modified", "make"}};
  const std::vector<std::string> violations = {
      "violation (inferred): protected path was created: .git/hooks, .git/config, /ws2/x, .vscode and 1 more",
      "violation (inferred): protected path was removed: .idea"};
  EXPECT_THAT(MessagesFor(report).notices,
              ElementsAre(violations[0], violations[1],
                          "changed, and executed on the host later: .git, a/b (--report FILE says by what)"));
  EXPECT_THAT(MessagesFor(report, /*reported=*/true).notices, ElementsAre(violations[0], violations[1]));
}

TEST(MessagesFor, AFloodIsCut) {
  Report report;
  report.result.outcome = {ExitKind::kExited, 0, 0, {}};
  report.result.violations.assign(5000, {true, "x", ""});
  const auto notices = MessagesFor(report).notices;
  ASSERT_EQ(notices.size(), 9u);
  EXPECT_EQ(notices.back(), "and 4992 more violations; --report FILE has them all");
}

}  // namespace
}  // namespace paddock::cli
