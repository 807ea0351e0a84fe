#include "backends/wsl2/far_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/reason.h"

namespace paddock::wsl2 {
namespace {

Wsl2Plan Plan() {
  Wsl2Plan plan;
  plan.distribution = "Debian";
  plan.workspace = "C:\\Users\\dev\\app";
  plan.run.workspace = "/mnt/c/Users/dev/app";
  plan.rules = {{"filesystem.deny_read /mnt/c/keys", "filesystem.deny_read C:\\keys"}};
  plan.by_name = {{"filesystem.deny_read C:\\keys", "case"}, {"filesystem.deny_write .mcp.json", "case"}};
  return plan;
}

Report Far() {
  Report far;
  far.command = {"make"};
  far.workspace = "/mnt/c/Users/dev/app";
  far.backend = {"linux_landlock", "namespaces"};
  far.rule = "L5";
  far.why = "inside WSL2";
  far.promised.Set(Guarantee::kWrite, write_level::kConfined);
  far.result.outcome = {ExitKind::kExited, 67, 0, {}};
  far.result.usage.output = 42;
  far.result.applied = {"landlock abi 7"};
  far.result.violations = {{false, "protected name created: /mnt/c/Users/dev/app/sub/.mcp.json",
                            "filesystem.deny_write .mcp.json", "/mnt/c/Users/dev/app/sub/.mcp.json"}};
  far.result.left_behind = {{"/mnt/c/Users/dev/app/package.json", "modified", "npm runs its scripts"},
                            {"/mnt/c/Users/dev/apple", "modified", "elsewhere"}};
  far.verdicts = {{"filesystem.deny_read /mnt/c/keys", Verdict::kEnforced, "empty mount", ""},
                  {"filesystem.deny_write .mcp.json", Verdict::kEnforced, "placeholder", ""},
                  {"network.mode", Verdict::kEnforced, "own namespace", ""},
                  {"filesystem.home", Verdict::kNotEnforced, "", "kept"}};
  return far;
}

TEST(FarReportTest, TheRunsResultInTheNamesOfWindows) {
  const auto result = ResultOf(DumpJson(ToJson(Far())), Plan());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome.kind, ExitKind::kExited);
  EXPECT_EQ(result->outcome.code, 67);
  EXPECT_EQ(result->usage.output, 42u);
  ASSERT_EQ(result->violations.size(), 1u);
  EXPECT_EQ(result->violations[0].what, "protected name created: C:\\Users\\dev\\app\\sub\\.mcp.json");
  EXPECT_EQ(result->violations[0].path, "C:\\Users\\dev\\app\\sub\\.mcp.json");
  EXPECT_EQ(result->left_behind[0].path, "C:\\Users\\dev\\app\\package.json");
  EXPECT_EQ(result->left_behind[1].path, "/mnt/c/Users/dev/apple");
  EXPECT_EQ(result->applied, (std::vector<std::string>{"linux_landlock:namespaces in Debian", "landlock abi 7"}));
  ASSERT_NE(result->inner, nullptr);
  EXPECT_EQ(DumpJson(ToJson(*result->inner)), DumpJson(ToJson(Far())));
}

TEST(FarReportTest, WhatHoldsByNameIsNotCalledEnforced) {
  const auto result = ResultOf(DumpJson(ToJson(Far())), Plan());
  ASSERT_TRUE(result.ok()) << result.status();
  std::map<std::string, Verdict> verdicts;
  for (const RuleVerdict& verdict : result->verdicts) verdicts[verdict.rule] = verdict.verdict;
  EXPECT_EQ(verdicts, (std::map<std::string, Verdict>{{"filesystem.deny_read C:\\keys", Verdict::kApproximated},
                                                      {"filesystem.deny_write .mcp.json", Verdict::kApproximated},
                                                      {"network.mode", Verdict::kEnforced},
                                                      {"filesystem.home", Verdict::kNotEnforced}}));
}

TEST(FarReportTest, OfOneRuleInSeveralSpellingsTheWeakestCounts) {
  Wsl2Plan plan = Plan();
  plan.rules = {{"filesystem.deny_read /mnt/c/A", "filesystem.deny_read **/a"},
                {"filesystem.deny_read /mnt/c/x/A", "filesystem.deny_read **/a"}};
  Report far = Far();
  far.verdicts = {{"filesystem.deny_read **/a", Verdict::kEnforced, "", ""},
                  {"filesystem.deny_read /mnt/c/A", Verdict::kNotEnforced, "", "why"},
                  {"filesystem.deny_read /mnt/c/x/A", Verdict::kApproximated, "", ""}};
  const auto result = ResultOf(DumpJson(ToJson(far)), plan);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->verdicts.size(), 1u);
  EXPECT_EQ(result->verdicts[0].verdict, Verdict::kNotEnforced);
  EXPECT_EQ(result->verdicts[0].missing, "why");
}

TEST(FarReportTest, WhatIsNoReportIsRefused) {
  const Json good = ToJson(Far());
  const auto changed = [&good](const char* pointer, const Json& value) {
    Json json = good;
    json[Json::json_pointer(pointer)] = value;
    return DumpJson(json);
  };
  Json without = good;
  without.erase("usage");
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), DumpJson(without), changed("/schema", "paddock.report/2"),
        changed("/more", 1), changed("/outcome/kind", "fine"), changed("/outcome/code", -1),
        changed("/outcome/status", 0), changed("/outcome/code", "0"), changed("/usage/wall_ns", -5),
        changed("/backend", "../x"), changed("/promised/write", "absolute"), changed("/verdicts/0/verdict", "held"),
        changed("/verdicts/0", "x"), changed("/notices", "x"), changed("/violations/0/evidence", "guessed"),
        changed("/inner", good)}) {
    const auto result = ResultOf(text, Plan());
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(ReasonOf(result.status())->code, "relay_protocol");
  }
}

}  // namespace
}  // namespace paddock::wsl2
