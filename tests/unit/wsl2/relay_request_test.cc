#include "backends/wsl2/relay_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/reason.h"
#include "core/policy/merge.h"

namespace paddock::wsl2 {
namespace {

using testing::HasSubstr;

constexpr char kPlacedRelay[] = "/home/me/.local/share/paddock/relay/0123/paddock";

Caller Me(const std::string& executable = kPlacedRelay) {
  Caller caller;
  caller.home = "/home/me";
  caller.cwd = "/";
  caller.executable = executable;
  caller.environment = {{"PATH", "/usr/bin"}, {"HOME", "/home/me"}, {"SECRET_TOKEN", "x"}, {"CI", "far"}};
  return caller;
}

NestedRun Sample() {
  NestedRun run;
  run.policy = BuildPolicy({}).value();
  run.workspace = "/mnt/c/src/app";
  run.cwd = "/mnt/c/src/app/sub";
  run.command = {"make"};
  return run;
}

std::string CodeOf(const absl::Status& status) { return ReasonOf(status).value_or(Reason{}).code; }

bool Hides(const Request& request, const std::string& path) {
  for (const PathRule& rule : request.deny_read) {
    if (rule.path == path) return true;
  }
  return false;
}

TEST(RelayRequestTest, HomeAndEnvironmentAreThisSidesAndWhatTheHostSetsWins) {
  NestedRun run = Sample();
  run.environment = {{"CI", "host"}, {"ONLY_HERE", "1"}};
  const auto request = RelayRequest(run, Me());
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->cwd, "/mnt/c/src/app/sub");
  EXPECT_TRUE(Hides(*request, "/home/me/.ssh"));
  EXPECT_EQ(request->environment.at("CI"), "host");
  EXPECT_EQ(request->environment.at("ONLY_HERE"), "1");
  EXPECT_EQ(request->environment.at("PATH"), "/usr/bin");
  EXPECT_EQ(request->environment.count("SECRET_TOKEN"), 0u);
  EXPECT_EQ(request->tty, TtyMode::kNever);
  run.tty = WindowCells{80, 24};
  EXPECT_EQ(RelayRequest(run, Me())->tty, TtyMode::kAlways);
}

// A command that could write the relay would own the next run.
TEST(RelayRequestTest, RelaysAreHiddenAndTheirPlaceIsNeverGranted) {
  EXPECT_TRUE(Hides(*RelayRequest(Sample(), Me()), "/home/me/.local/share/paddock"));
  // A program of the system's is guarded by who may write there; what lies beside it is needed.
  EXPECT_FALSE(Hides(*RelayRequest(Sample(), Me("/usr/bin/paddock")), "/usr/bin"));

  NestedRun run = Sample();
  run.workspace = run.cwd = "/home/me/tools";
  EXPECT_TRUE(RelayRequest(run, Me()).ok());
  EXPECT_EQ(CodeOf(RelayRequest(run, Me("/home/me/tools/bin/paddock")).status()), "grant_holds_paddock");
  run.workspace = run.cwd = "/home/me/.local/share/paddock/relay";
  EXPECT_FALSE(RelayRequest(run, Me()).ok());
  run.workspace = run.cwd = "/home/me/.local/share/paddock/relay/0123/x";
  EXPECT_FALSE(RelayRequest(run, Me()).ok());
}

TEST(RelayRequestTest, AReportThatIsTooLongIsCutAndSaysSo) {
  Report report;
  report.command = {"x"};
  const Json whole = ParseJson(ExitedPayload(report), "report").value();
  EXPECT_EQ(whole, ToJson(report));
  report.command.assign(10000, std::string(100, '\x01'));
  report.result.outcome = {ExitKind::kExited, 67, 0, {}};
  const std::string payload = ExitedPayload(report);
  EXPECT_LE(payload.size(), kMaxFrameJson);
  const Json cut = ParseJson(payload, "report").value();
  EXPECT_EQ(cut["outcome"]["code"], 67);
  EXPECT_THAT(cut["notices"].dump(), HasSubstr("cut short"));
}

TEST(RelayRequestTest, BytesThatAreNoUtf8CostNoFrame) {
  Report report;
  report.command = {"\xff\xfe"};
  EXPECT_TRUE(ParseJson(ExitedPayload(report), "report").ok());
  EXPECT_TRUE(ParseJson(NoticePayload("\xff"), "notice").ok());
  EXPECT_TRUE(ParseJson(ViolationPayload({true, "created: \xff", "r", "\xff"}), "violation").ok());
}

}  // namespace
}  // namespace paddock::wsl2
