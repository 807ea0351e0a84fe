// Whether deny_read holds for a dedicated user: rule by rule, and as a level.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "backends/windows_token/assess.h"
#include "tests/support/windows_plans.h"

namespace paddock {
namespace {

using ::testing::HasSubstr;

constexpr char kSsh[] = "C:\\Users\\dev\\.ssh";
constexpr char kOpened[] = "C:\\keys\\ca.pem";
constexpr char kEnv[] = "C:\\Users\\dev\\src\\app\\.env";
constexpr char kTools[] = "C:\\Users\\dev\\src\\app\\tools";

// The scene without the path that every user may read.
WindowsScene Closed() {
  WindowsScene scene = WindowsSceneNamed("secrets_dedicated");
  scene.request.deny_read.pop_back();
  return scene;
}

struct Answer {
  std::string level, code, detail;
};

Answer Assess(const WindowsScene& scene) {
  const Assessment assessment = AssessWindowsToken(scene.request, scene.facts);
  Answer answer{std::string(LevelName(Guarantee::kRead, assessment.reached[Guarantee::kRead])), "", ""};
  for (const Reason& reason : assessment.weakened_by) {
    if (reason.code.rfind("read_denials", 0) == 0) answer = {answer.level, reason.code, reason.detail};
  }
  return answer;
}

std::string VerdictOf(const WindowsScene& scene, const std::string& rule) {
  const auto plan = PlanOfScene(scene);
  if (!plan.ok()) return std::string(plan.status().message());
  for (const RuleVerdict& verdict : plan->verdicts) {
    if (verdict.rule == "filesystem.deny_read " + rule) return std::string(Name(verdict.verdict));
  }
  return "no such rule";
}

TEST(JudgeReadsTest, MaskedIsReachedWhereEveryPathIsJudgedClosed) {
  const Answer answer = Assess(Closed());
  EXPECT_EQ(answer.level, "masked");
  EXPECT_EQ(answer.code, "");
  EXPECT_EQ(VerdictOf(Closed(), "~/.ssh"), "enforced");
  EXPECT_EQ(VerdictOf(Closed(), "~/.aws"), "approximated");
  EXPECT_EQ(VerdictOf(Closed(), "tools"), "approximated");
  EXPECT_EQ(VerdictOf(Closed(), "absent.pem"), "approximated");
  EXPECT_EQ(VerdictOf(Closed(), "**/.env"), "approximated");
}

TEST(JudgeReadsTest, OneOpenPathIsNamedAndTakesTheLevel) {
  const WindowsScene scene = WindowsSceneNamed("secrets_dedicated");
  const Answer answer = Assess(scene);
  EXPECT_EQ(answer.level, "none");
  EXPECT_EQ(answer.code, "read_denials_open");
  EXPECT_THAT(answer.detail, HasSubstr(kOpened));
  EXPECT_THAT(answer.detail, HasSubstr("(A;ID;0x1200a9;;;BU)"));
  EXPECT_EQ(VerdictOf(scene, "C:/keys/ca.pem"), "not-enforced");
  EXPECT_EQ(VerdictOf(scene, "~/.ssh"), "enforced");
}

TEST(JudgeReadsTest, NothingToHideIsHidden) {
  WindowsScene scene = Closed();
  scene.request.deny_read.clear();
  EXPECT_EQ(Assess(scene).level, "masked");
}

// The developer's own account reads what the developer reads, whatever the lists say.
TEST(JudgeReadsTest, WithoutADedicatedUserNothingIsHidden) {
  WindowsScene scene = Closed();
  scene.facts.host.windows_host.provisioned = {Tri::kNo, "not set up"};
  EXPECT_EQ(Assess(scene).level, "none");
  EXPECT_EQ(VerdictOf(scene, "~/.ssh"), "not-enforced");
}

struct Doubt {
  const char* name;
  std::function<void(WindowsScene&)> change;
  const char* code;
  const char* detail;
};

TEST(JudgeReadsTest, WhateverIsNotKnownTakesTheLevel) {
  const auto descriptor_of = [](WindowsScene& scene, const char* path) -> std::string& {
    return scene.facts.workspace.secrets.at(path).descriptors.front();
  };
  const Doubt kDoubts[] = {
      {"nobody has looked", [](WindowsScene& s) { s.facts.workspace.secrets.erase(kSsh); }, "read_denials_unjudged",
       kSsh},
      {"nobody has looked at a match", [](WindowsScene& s) { s.facts.workspace.secrets.erase(kEnv); },
       "read_denials_unjudged", kEnv},
      {"a look was cut short", [](WindowsScene& s) { s.facts.workspace.secrets[kSsh].problem = "in time"; },
       "read_denials_unjudged", "in time"},
      {"another account's", [&](WindowsScene& s) { descriptor_of(s, kSsh) += "(A;;FR;;;S-1-5-21-1-2-3-1009)"; },
       "read_denials_unjudged", "S-1-5-21-1-2-3-1009"},
      {"no list", [](WindowsScene& s) { s.facts.workspace.secrets[kSsh].descriptors = {"O:SY"}; }, "read_denials_open",
       kSsh},
      {"whose the profile is", [](WindowsScene& s) { s.facts.host.windows_host.user_sid.clear(); },
       "read_denials_unjudged", ""},
      {"owned by who may be a dedicated user",
       [&](WindowsScene& s) { descriptor_of(s, kTools) = "O:S-1-5-21-1-2-3-1009D:(A;;FA;;;SY)"; },
       "read_denials_unjudged", kTools},
      {"a link in the grant",
       [](WindowsScene& s) {
         s.facts.workspace.paths[kTools].crosses_symlink = true;
         s.facts.workspace.paths[kTools].real_path = "C:\\elsewhere";
       },
       "read_denials_unjudged", "link"},
      {"the search for matches was cut short", [](WindowsScene& s) { s.facts.workspace.scan_complete = false; },
       "read_denials_unjudged", "**/.env"},
      {"no search for matches", [](WindowsScene& s) { s.facts.workspace.globs.clear(); }, "read_denials_unjudged",
       "**/.env"},
  };
  for (const Doubt& doubt : kDoubts) {
    WindowsScene scene = Closed();
    ASSERT_EQ(Assess(scene).level, "masked");
    doubt.change(scene);
    const Answer answer = Assess(scene);
    EXPECT_EQ(answer.level, "none") << doubt.name;
    EXPECT_EQ(answer.code, doubt.code) << doubt.name;
    EXPECT_THAT(answer.detail, HasSubstr(doubt.detail)) << doubt.name;
  }
}

// Inside a grant the plan's own entry comes first, whoever else is let in: an earlier run's entries, too.
TEST(JudgeReadsTest, EntriesOfAGrantDoNotOpenWhatThePlanDenies) {
  WindowsScene scene = Closed();
  scene.facts.workspace.secrets[kEnv].descriptors.front() +=
      "(A;ID;0x1301bf;;;BU)(A;ID;0x1301bf;;;S-1-5-21-9-9-9-1012)";
  EXPECT_EQ(Assess(scene).level, "masked");
}

// A rule that holds a grant would be opened by it.
TEST(JudgeReadsTest, WhatHoldsAGrantIsNotHidden) {
  WindowsScene scene = Closed();
  const std::string above = "C:\\Users\\dev\\src";
  scene.request.deny_read.push_back({above, false, "~/src", {}});
  scene.facts.workspace.paths[above].type = PathType::kDirectory;
  scene.facts.workspace.secrets[above] = scene.facts.workspace.secrets[kSsh];
  EXPECT_EQ(Assess(scene).code, "read_denials_unjudged");
  EXPECT_THAT(Assess(scene).detail, HasSubstr("grant"));
}

}  // namespace
}  // namespace paddock
