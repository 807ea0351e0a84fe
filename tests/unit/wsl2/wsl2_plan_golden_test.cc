// Whole plans of wsl2, reviewed like code: tests/golden/plans/wsl2. scripts/update_goldens writes them anew.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/backend.h"
#include "backends/wsl2/plan.h"
#include "backends/wsl2/wsl2_plan.h"
#include "core/policy/merge.h"
#include "tests/support/plan_goldens.h"
#include "tests/unit/rubric/rubric_hosts.h"

namespace paddock {
namespace {

// What `paddock run --command-os any -- make` asks for under the built-in policy, with `flags`.
PlanScene Coding(const std::string& host, PolicySpec flags = {}) {
  PlanScene scene{host, {}, LoadHost(host)};
  EXPECT_TRUE(SetFlag(&flags, Key::kCommandOs, "any", "--command-os").ok());
  PolicySources sources;
  sources.flags = std::move(flags);
  sources.workspace = scene.facts.workspace.root.real_path;
  sources.home = scene.facts.host.home;
  auto policy = BuildPolicy(sources);
  EXPECT_TRUE(policy.ok()) << policy.status();
  Caller caller;
  caller.home = scene.facts.host.home;
  caller.cwd = sources.workspace;
  caller.environment = {{"PATH", "C:\\Windows\\System32"},
                        {"HOME", "C:\\Users\\dev"},
                        {"TERM", "x"},
                        {"API_BASE", "https://api.example"},
                        {"SystemRoot", "C:\\Windows"}};
  RequestOptions options;
  options.workspace = sources.workspace;
  options.command = {"make", "-j8", "a \"b\" $c \\"};
  auto request = MakeRequest(*policy, options, caller);
  EXPECT_TRUE(request.ok()) << request.status();
  scene.request = *std::move(request);
  return scene;
}

PlanScene Flagged() {
  PolicySpec flags;
  EXPECT_TRUE(SetFlag(&flags, Key::kWrite, "C:\\Users\\dev\\out", "--rw").ok());
  EXPECT_TRUE(SetFlag(&flags, Key::kDenyRead, "C:\\keys\\**\\*.pem", "--hide").ok());
  EXPECT_TRUE(SetFlag(&flags, Key::kWslDistribution, "ubuntu", "--wsl-distribution").ok());
  EXPECT_TRUE(SetNetFlag(&flags, "open", "--net").ok());
  EXPECT_TRUE(SetEnvFlag(&flags, "API_BASE", "--env").ok());
  EXPECT_TRUE(SetEnvFlag(&flags, "CI=1", "--env").ok());
  PlanScene scene = Coding("windows_11_pro_wsl2", std::move(flags));
  scene.name = "every_flag";
  scene.request.tty = TtyMode::kAlways;
  scene.facts.host.windows_host.distributions[0].mounts = {{"C:", "/win/c"}};
  return scene;
}

std::vector<PlanScene> Scenes() {
  std::vector<PlanScene> scenes;
  for (const std::string& host : HostNames()) {
    if (LoadHost(host).host.os == OsFamily::kWindows) scenes.push_back(Coding(host));
  }
  scenes.push_back(Flagged());
  return scenes;
}

TEST(Wsl2PlanGoldenTest, EveryWindowsHost) {
  ExpectPlanGoldens(*MakeWsl2Backend(), "tests/golden/plans/wsl2", Scenes());
}

TEST(Wsl2PlanGoldenTest, EveryPlanKeepsTheContract) { ExpectConformance(*MakeWsl2Backend(), Scenes()); }

// No variable of Windows reaches the far side but by its full name, and none that says something about Windows.
TEST(Wsl2PlanGoldenTest, VariablesOfWindowsStay) {
  const PlanScene scene = Flagged();
  const auto plan = PlanWsl2("", scene.request, scene.facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto& body = dynamic_cast<const wsl2::Wsl2Plan&>(*plan->body);
  EXPECT_EQ(body.run.environment, (std::map<std::string, std::string>{{"API_BASE", "https://api.example"}}));
}

// A far side could else choose anew what was chosen here.
TEST(Wsl2PlanGoldenTest, TheFarSideChoosesAmongItsOwnBackends) {
  PlanScene scene = Coding("windows_11_pro_wsl2");
  scene.request.policy.backend.forced = "wsl2";
  scene.request.policy.backend.allow = {"wsl2"};
  const auto plan = PlanWsl2("", scene.request, scene.facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const BackendPolicy& far = dynamic_cast<const wsl2::Wsl2Plan&>(*plan->body).run.policy.backend;
  EXPECT_TRUE(far.forced.empty() && far.allow.empty() && far.wsl_distribution.empty());
}

std::vector<std::string> Texts(const std::vector<PathEntry>& entries) {
  std::vector<std::string> texts;
  for (const PathEntry& entry : entries) texts.push_back(entry.text);
  return texts;
}

// Windows takes `.ENV` for `.env`; Linux would look for one of them.
TEST(Wsl2PlanGoldenTest, WhatWindowsFindsInAnotherSpellingIsNamed) {
  PlanScene scene = Coding("windows_11_pro_wsl2");
  const std::string ws = scene.request.workspace;
  const std::string env = ws + "\\**\\.env", mcp = ws + "\\.mcp.json";
  scene.facts.workspace.globs[env] = {ws + "\\.env", ws + "\\sub[1]\\.ENV"};
  scene.facts.workspace.paths[mcp].type = PathType::kFile;
  scene.facts.workspace.paths[mcp].real_path = ws + "\\.MCP.json";
  const auto plan = PlanWsl2("", scene.request, scene.facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto& body = dynamic_cast<const wsl2::Wsl2Plan&>(*plan->body);
  const FilesystemPolicy& far = body.run.policy.filesystem;
  const std::string inside = body.run.workspace;
  EXPECT_THAT(Texts(far.deny_read), testing::Contains(inside + "/sub[1]/.ENV"));
  EXPECT_THAT(Texts(far.deny_read), testing::Not(testing::Contains(inside + "/.env"))) << "Linux finds it by itself";
  EXPECT_THAT(Texts(far.deny_write), testing::Contains(inside + "/.MCP.json"));
  EXPECT_THAT(body.rules, testing::Contains(std::make_pair("filesystem.deny_read " + inside + "/sub[1]/.ENV",
                                                           std::string("filesystem.deny_read **/.env"))));
  // Inside a distribution case counts, and nothing is added.
  scene.facts.workspace.location = WorkspaceLocation::kWslDistribution;
  scene.facts.workspace.wsl_distribution = body.distribution;
  const auto other = PlanWsl2("", scene.request, scene.facts);
  ASSERT_TRUE(other.ok()) << other.status();
  const auto& there = dynamic_cast<const wsl2::Wsl2Plan&>(*other->body).run.policy.filesystem;
  EXPECT_EQ(there.deny_write.size() + 1, far.deny_write.size());
}

TEST(Wsl2PlanGoldenTest, WhatWasNotSearchedForOtherSpellingsIsSaid) {
  PlanScene scene = Coding("windows_11_pro_wsl2");
  const auto missing = [&scene] {
    const auto plan = PlanWsl2("", scene.request, scene.facts);
    for (const RuleVerdict& verdict : plan.ok() ? plan->verdicts : std::vector<RuleVerdict>()) {
      if (verdict.rule == "filesystem.deny_read **/.env") return verdict.missing;
    }
    return std::string("no such rule");
  };
  scene.facts.workspace.globs[scene.request.workspace + "\\**\\.env"] = {};
  EXPECT_THAT(missing(), testing::HasSubstr("during the run"));
  scene.facts.workspace.scan_complete = false;
  EXPECT_THAT(missing(), testing::HasSubstr("not all of the workspace was searched"));
  // A name that somebody chose so that it cannot be said does not keep others from running.
  scene.facts.workspace.globs[scene.request.workspace + "\\**\\.env"] = {scene.request.workspace + "\\aux\\.ENV"};
  EXPECT_THAT(missing(), testing::HasSubstr("aux\\.ENV has no name on Linux"));
}

bool HasRisk(const LaunchPlan& plan, absl::string_view code) {
  return std::any_of(plan.risks.begin(), plan.risks.end(), [code](const Risk& risk) { return risk.code == code; });
}

TEST(Wsl2PlanGoldenTest, AnOpenNetworkMayBeThatOfWindows) {
  PlanScene scene = Flagged();
  EXPECT_TRUE(HasRisk(*PlanWsl2("", scene.request, scene.facts), "wsl_localhost_is_windows"));
  scene.facts.host.windows_host.mirrored_networking = No(".wslconfig");
  EXPECT_FALSE(HasRisk(*PlanWsl2("", scene.request, scene.facts), "wsl_localhost_is_windows"));
  scene = Coding("windows_11_pro_wsl2");
  EXPECT_FALSE(HasRisk(*PlanWsl2("", scene.request, scene.facts), "wsl_localhost_is_windows"));
}

}  // namespace
}  // namespace paddock
