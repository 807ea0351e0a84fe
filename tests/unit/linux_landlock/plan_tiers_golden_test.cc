// What the tiers bubblewrap and landlock plan differently from tier namespaces.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/linux_landlock/bubblewrap_arguments.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/golden.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

LaunchPlan PlanFor(const LinuxScene& scene, absl::string_view tier) {
  auto plan = scene.Plan(tier);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *std::move(plan) : LaunchPlan();
}

LinuxScene CodingScene() {
  LinuxScene scene;
  scene.host.linux_host.bubblewrap = {"/usr/bin/bwrap", Yes("test")};
  scene.Coding();
  scene.Repository("/home/dev/proj");
  scene.Dir("/home/dev/.ssh");
  scene.request.policy.limits.processes = 512;
  scene.request.policy.limits.memory = 1u << 30;
  return scene;
}

std::vector<std::string> ArgumentsOf(const LaunchPlan& plan) {
  const auto look = [](const std::string& path) {
    if (absl::EndsWith(path, "/closed")) return Reach::kOutOfReach;
    return absl::EndsWith(path, "/gone") ? Reach::kAbsent : Reach::kThere;
  };
  const auto home = [](const std::string&) {
    return std::vector<HomeEntry>{{".bashrc", ""}, {".cache", ""}, {".profile", ".bashrc"}, {".ssh", ""}, {"proj", ""}};
  };
  return BubblewrapArguments(BodyOf(plan), {look, home});
}

const LandlockRule* RuleFor(const LinuxPlan& body, absl::string_view path) {
  const auto at =
      std::find_if(body.landlock.begin(), body.landlock.end(), [&](const LandlockRule& r) { return r.path == path; });
  return at == body.landlock.end() ? nullptr : &*at;
}

TEST(PlanBubblewrapTest, TheArgumentsAreThePlan) {
  const LaunchPlan plan = PlanFor(CodingScene(), "bubblewrap");
  std::string text;
  for (const std::string& argument : ArgumentsOf(plan)) {
    absl::StrAppend(&text,
                    absl::StartsWith(argument, "--") && !text.empty() ? "\n"
                    : text.empty()                                    ? ""
                                                                      : " ",
                    argument);
  }
  ExpectGolden("tests/golden/plans/bubblewrap_arguments.txt", absl::StrCat(text, "\n"));
}

TEST(PlanBubblewrapTest, EveryStepOfTheViewIsAnArgument) {
  const LaunchPlan plan = PlanFor(CodingScene(), "bubblewrap");
  const std::vector<std::string> arguments = ArgumentsOf(plan);
  for (const MountStep& step : BodyOf(plan).mounts) EXPECT_THAT(arguments, Contains(step.target)) << Name(step.op);
  EXPECT_THAT(arguments, IsSupersetOf({"--unshare-user", "--unshare-pid", "--unshare-net", "--die-with-parent",
                                       "--as-pid-1", "--cap-drop"}));
}

TEST(PlanBubblewrapTest, TheHostsNetworkStaysWhereThePolicySaysSo) {
  LinuxScene scene = CodingScene();
  scene.request.policy.network.mode = NetworkMode::kOpen;
  EXPECT_THAT(ArgumentsOf(PlanFor(scene, "bubblewrap")), Not(Contains("--unshare-net")));
}

TEST(PlanBubblewrapTest, WhatIsGoneIsLeftOutIfItMayBe) {
  LinuxScene scene = CodingScene();
  scene.Socket("/opt/gone");
  scene.Socket("/opt/there");
  scene.Socket("/opt/closed");
  const std::vector<std::string> arguments = ArgumentsOf(PlanFor(scene, "bubblewrap"));
  EXPECT_THAT(arguments, Not(Contains("/opt/gone")));
  EXPECT_THAT(arguments, Not(Contains("/opt/closed")));
  EXPECT_THAT(arguments, Contains("/opt/there"));
}

TEST(PlanBubblewrapTest, TheHomeIsNoOverlayAndSaysSo) {
  const LaunchPlan plan = PlanFor(CodingScene(), "bubblewrap");
  EXPECT_EQ(VerdictOf(plan, "filesystem.home"), "approximated");
  const std::string arguments = absl::StrJoin(ArgumentsOf(plan), " ");
  EXPECT_THAT(arguments, HasSubstr("--dir /home/dev/.cache"));
  EXPECT_THAT(arguments, HasSubstr("--symlink .bashrc /home/dev/.profile"));
  EXPECT_THAT(arguments, HasSubstr("--ro-bind-try /home/dev/.bashrc /home/dev/.bashrc"));
  // The mask comes after what would show the secret.
  EXPECT_LT(arguments.find("--ro-bind-try /home/dev/.ssh"), arguments.find("--tmpfs /home/dev/.ssh"));
}

TEST(PlanBubblewrapTest, ASymbolicLinkThatItCannotHoldIsRefused) {
  LinuxScene scene = CodingScene();
  scene.Dir("/home/dev/proj/real");
  scene.Link("/home/dev/proj/.vscode", "real");
  EXPECT_TRUE(scene.Plan("namespaces").ok());
  const auto plan = scene.Plan("bubblewrap");
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(ReasonOf(plan.status())->code, "deny_crosses_symlink");
}

TEST(PlanTiersTest, OnlyOurOwnMountsCanMapOwners) {
  LinuxScene scene;
  scene.host.linux_host.bubblewrap = {"/usr/bin/bwrap", Yes("test")};
  scene.RunAs(0);
  scene.Workspace("/srv/proj");
  scene.Dir("/srv/proj", 1000);
  scene.Coding();
  EXPECT_TRUE(scene.Plan("namespaces").ok());
  for (const char* const tier : {"bubblewrap", "landlock"}) {
    const auto plan = scene.Plan(tier);
    ASSERT_FALSE(plan.ok()) << tier;
    EXPECT_EQ(ReasonOf(plan.status())->code, "workspace_foreign_owned") << tier;
  }
}

TEST(PlanTiersTest, LimitsOnProcessesHoldByWhatEachTierHas) {
  LinuxScene scene = CodingScene();
  EXPECT_EQ(VerdictOf(PlanFor(scene, "bubblewrap"), "limits.processes"), "enforced");
  EXPECT_EQ(VerdictOf(PlanFor(scene, "landlock"), "limits.processes"), "not-enforced");
  scene.Cgroup({"memory", "pids"});
  EXPECT_EQ(VerdictOf(PlanFor(scene, "landlock"), "limits.processes"), "enforced");
  EXPECT_TRUE(BodyOf(PlanFor(scene, "landlock")).cgroup.ends_tree);
  EXPECT_FALSE(BodyOf(PlanFor(scene, "bubblewrap")).cgroup.ends_tree);
}

TEST(PlanLandlockTierTest, Golden) {
  LinuxScene scene = CodingScene();
  scene.File("/home/dev/proj/api/.env");
  ExpectGolden("tests/golden/plans/landlock_tier.json", DumpJson(ToJson(PlanFor(scene, "landlock"))));
}

TEST(PlanLandlockTierTest, ThereIsNoViewAndNothingIsMadeInTheWorkspace) {
  const LaunchPlan plan = PlanFor(CodingScene(), "landlock");
  EXPECT_THAT(BodyOf(plan).mounts, IsEmpty());
  EXPECT_THAT(BodyOf(plan).placeholders, IsEmpty());
  EXPECT_EQ(BodyOf(plan).lease_key, "");
  EXPECT_FALSE(BodyOf(plan).network_namespace);
}

TEST(PlanLandlockTierTest, SecretsAreLeftOutOfTheRuleThatAllowsReading) {
  const LaunchPlan plan = PlanFor(CodingScene(), "landlock");
  const LandlockRule* const root = RuleFor(BodyOf(plan), "/");
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(root->grant, LandlockGrant::kRead);
  EXPECT_THAT(root->except, IsSupersetOf({"/home/dev/.ssh", "/tmp", "/var/tmp", "/run", "/dev"}));
  EXPECT_THAT(root->except, Contains("/home/dev/.local/state/paddock"));
  EXPECT_EQ(RuleFor(BodyOf(plan), "/home/dev/proj")->grant, LandlockGrant::kReadWrite);
  EXPECT_EQ(RuleFor(BodyOf(plan), "/dev/null")->grant, LandlockGrant::kDevices);
  EXPECT_EQ(RuleFor(BodyOf(plan), "/dev/shm"), nullptr);
}

TEST(PlanLandlockTierTest, ASecretInsideTheWorkspaceIsNotClaimedToBeHidden) {
  LinuxScene scene = CodingScene();
  EXPECT_EQ(PlanFor(scene, "landlock").promised[Guarantee::kRead], read_level::kMasked);
  scene.File("/home/dev/proj/api/.env");
  const LaunchPlan plan = PlanFor(scene, "landlock");
  EXPECT_EQ(plan.promised[Guarantee::kRead], read_level::kNone);
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_read **/.env"), "not-enforced");
  EXPECT_EQ(PlanFor(scene, "namespaces").promised[Guarantee::kRead], read_level::kMasked);
}

TEST(PlanLandlockTierTest, ProtectedNamesAreComparedAndNotClaimed) {
  LinuxScene scene = CodingScene();
  scene.File("/home/dev/proj/.vscode/settings.json");
  const LaunchPlan plan = PlanFor(scene, "landlock");
  int protected_rules = 0;
  for (const RuleVerdict& verdict : plan.verdicts) {
    if (!absl::StartsWith(verdict.rule, "filesystem.deny_write")) continue;
    ++protected_rules;
    EXPECT_EQ(verdict.verdict, Verdict::kNotEnforced) << verdict.rule;
  }
  EXPECT_GE(protected_rules, 3);
  const auto& watched = BodyOf(plan).watched;
  for (const char* const path : {"/home/dev/proj/.vscode", "/home/dev/proj/.git/hooks", "/home/dev/proj/.git/config",
                                 "/home/dev/proj/.git/commondir"}) {
    const auto at = std::find_if(watched.begin(), watched.end(), [&](const WatchedPath& w) { return w.path == path; });
    ASSERT_NE(at, watched.end()) << path;
    EXPECT_TRUE(at->violation && at->deep) << path;
  }
}

TEST(PlanLandlockTierTest, TmpAndHomeAreDirectoriesOfTheRun) {
  LinuxScene scene = CodingScene();
  const LaunchPlan coding = PlanFor(scene, "landlock");
  EXPECT_TRUE(BodyOf(coding).run_directory.tmp);
  EXPECT_EQ(BodyOf(coding).run_directory.home_links, "/home/dev");
  EXPECT_THAT(BodyOf(coding).run_directory.hidden, Contains("/home/dev/.ssh"));
  EXPECT_EQ(coding.promised[Guarantee::kHostChange], host_change_level::kLeased);
  scene.request.policy.filesystem.tmp = TmpMode::kHost;
  scene.request.policy.filesystem.home = HomeMode::kReadOnly;
  const LaunchPlan host = PlanFor(scene, "landlock");
  EXPECT_EQ(BodyOf(host).run_directory.parent, "");
  EXPECT_EQ(RuleFor(BodyOf(host), "/tmp")->grant, LandlockGrant::kReadWrite);
  EXPECT_EQ(host.promised[Guarantee::kHostChange], host_change_level::kNone);
}

TEST(PlanLandlockTierTest, AMinimalRootIsAListOfRules) {
  LinuxScene scene = CodingScene();
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  scene.DenyRead("/usr/share/secret");
  scene.File("/usr/share/secret");
  const LaunchPlan plan = PlanFor(scene, "landlock");
  EXPECT_EQ(RuleFor(BodyOf(plan), "/"), nullptr);
  ASSERT_NE(RuleFor(BodyOf(plan), "/usr"), nullptr);
  EXPECT_THAT(RuleFor(BodyOf(plan), "/usr")->except, ElementsAre("/usr/share/secret"));
  EXPECT_NE(RuleFor(BodyOf(plan), "/proc"), nullptr);
  EXPECT_EQ(RuleFor(BodyOf(plan), "/home/dev"), nullptr);
  EXPECT_EQ(plan.promised[Guarantee::kRead], read_level::kAllowlisted);
}

// A command that may stop or end Paddock's own processes may outlive them.
TEST(PlanLandlockTierTest, TheEndIsSureOnlyWithScopedSignals) {
  LinuxScene scene = CodingScene();
  scene.Cgroup({"memory", "pids"});
  scene.request.policy.limits.wall = std::chrono::minutes(1);
  scene.host.linux_host.landlock_abi = {6, "test"};
  EXPECT_EQ(PlanFor(scene, "landlock").promised[Guarantee::kTree], tree_level::kContained);
  EXPECT_EQ(VerdictOf(PlanFor(scene, "landlock"), "limits.wall"), "enforced");
  scene.host.linux_host.landlock_abi = {5, "test"};
  EXPECT_EQ(PlanFor(scene, "landlock").promised[Guarantee::kTree], tree_level::kInherited);
  EXPECT_EQ(VerdictOf(PlanFor(scene, "landlock"), "limits.wall"), "approximated");
  EXPECT_EQ(VerdictOf(PlanFor(scene, "namespaces"), "limits.wall"), "enforced");
}

TEST(PlanLandlockTierTest, TheNetworkGoesWithoutANamespace) {
  LinuxScene scene = CodingScene();
  EXPECT_TRUE(BodyOf(PlanFor(scene, "landlock")).network_filtered);
  scene.request.policy.network.mode = NetworkMode::kOpen;
  EXPECT_FALSE(BodyOf(PlanFor(scene, "landlock")).network_filtered);
}

}  // namespace
}  // namespace paddock
