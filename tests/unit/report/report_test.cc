#include "core/report/report.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace paddock {
namespace {

TEST(ReportJsonTest, ClaimsNothingWhenNothingRan) {
  Report report;
  report.result.outcome = {ExitKind::kRefused, 0, 0, MakeReason("no_rule", "because")};
  // Whatever was filled in before a launch failed is no claim.
  report.promised.Set(Guarantee::kWrite, write_level::kConfined);
  const Json json = ToJson(report);
  EXPECT_TRUE(json["backend"].is_null());
  EXPECT_TRUE(json["promised"].is_null());
  EXPECT_TRUE(json["workspace"].is_null());
  EXPECT_EQ(json["outcome"]["status"], 125);
  EXPECT_EQ(json["outcome"]["reason"]["code"], "no_rule");
}

TEST(ReportJsonTest, NamesBackendWithTierAndLevels) {
  Report report;
  report.backend = {"linux_landlock", "namespaces"};
  report.promised.Set(Guarantee::kNetwork, network_level::kOff);
  const Json json = ToJson(report);
  EXPECT_EQ(json["backend"], "linux_landlock:namespaces");
  EXPECT_EQ(json["promised"]["network"], "off");
  EXPECT_EQ(json["promised"]["write"], "none");
}

TEST(ReportJsonTest, KeepsObservedApartFromInferred) {
  Report report;
  report.result.violations = {{true, "seen", "rule"}, {false, "guessed", ""}};
  const Json json = ToJson(report);
  EXPECT_EQ(json["violations"][0]["evidence"], "observed");
  EXPECT_EQ(json["violations"][1]["evidence"], "inferred");
  EXPECT_FALSE(json["violations"][1].contains("rule"));
}

TEST(ReportJsonTest, NestsTheFarReport) {
  Report report;
  auto far = std::make_shared<Report>();
  far->command = {"make"};
  report.inner = far;
  EXPECT_EQ(ToJson(report)["inner"]["command"][0], "make");
  EXPECT_TRUE(ToJson(*far)["inner"].is_null());
}

TEST(ReportJsonTest, IsReadBackAsItWas) {
  for (const ExitKind kind : {ExitKind::kExited, ExitKind::kSignalled, ExitKind::kWallLimit, ExitKind::kMemoryLimit,
                              ExitKind::kRefused, ExitKind::kNotFound, ExitKind::kNotExecutable, ExitKind::kFailed}) {
    Report report;
    report.command = {"sh", "", "\xc3\xa9"};
    report.workspace = "/ws";
    report.backend = {"linux_landlock", "landlock"};
    report.promised.Set(Guarantee::kNetwork, network_level::kOff);
    report.unmet = {{Guarantee::kLimits, limits_level::kTree, false}};
    report.verdicts = {{"limits.memory", Verdict::kApproximated, "RLIMIT_DATA", "per process"}};
    report.risks = {{"chmod_on_readable_files", "mode bits"}};
    report.fallbacks = {{{"linux_landlock", "namespaces"}, MakeReason("userns_denied", "clone said EPERM")}};
    RunResult& result = report.result;
    result.outcome.kind = kind;
    if (kind == ExitKind::kExited) result.outcome.code = 87;
    if (kind == ExitKind::kSignalled) result.outcome.signal = 9;
    if (kind == ExitKind::kRefused || kind == ExitKind::kFailed) {
      result.outcome.reason = MakeReason("guarantee_unreachable:write", "no");
    }
    result.usage = {std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(3), 4, 5};
    result.violations = {{true, "connect", "network.mode"}, {false, "created: /ws/a: b", "", "/ws/a: b"}};
    result.left_behind = {{"/ws/package.json", "modified", "npm"}};
    result.notices = {"a sentence"};
    result.applied = {"landlock abi 7"};
    const auto again = ReportFromJson(ToJson(report), "it");
    ASSERT_TRUE(again.ok()) << Name(kind) << ": " << again.status();
    EXPECT_EQ(DumpJson(ToJson(*again)), DumpJson(ToJson(report))) << Name(kind);
    EXPECT_EQ(again->result.violations[1].path, "/ws/a: b");
  }
}

TEST(ReportJsonTest, HostileBytesStayInsideTheirString) {
  Report report;
  report.command = {"a\xff\x1b]52;c;\x07\"\n"};
  const std::string text = DumpJson(ToJson(report));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\xff'), std::string::npos);
  EXPECT_TRUE(ParseJson(text, "report").ok());
}

}  // namespace
}  // namespace paddock
