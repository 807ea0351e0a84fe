// Rule L5: what WSL2 adds to a distribution is out of the command's reach.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "backends/linux_landlock/backend.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

void InWsl(LinuxScene* scene) {
  LinuxFacts& host = scene->host.linux_host;
  host.wsl_version = {2, "test"};
  host.bubblewrap = {"/usr/bin/bwrap", Yes("test")};
  host.user_namespaces_via_bubblewrap = Yes("test");
  host.wsl_automount = "/mnt";
  host.windows_mounts = {{"/mnt/c", "C:\\", "9p"}, {"/usr/lib/wsl/drivers", "", "9p"}};
  host.windows_interop = Yes("test");
  host.windows_interpreters = {"/init"};
  host.mount_points = {"/", "/mnt/c", "/mnt/wslg", "/usr/lib/wsl/drivers"};
  scene->Dir("/mnt/c/Windows");
  scene->File("/mnt/c/Users/me/secret");
  scene->File("/init");
}

LinuxScene SceneOnDrvfs() {
  LinuxScene scene;
  InWsl(&scene);
  scene.Dir("/mnt/c/src/app");
  scene.Workspace("/mnt/c/src/app");
  scene.Write(".");
  return scene;
}

const RuleVerdict* VerdictOn(const LaunchPlan& plan, const std::string& rule) {
  const auto found = std::find_if(plan.verdicts.begin(), plan.verdicts.end(),
                                  [&](const RuleVerdict& verdict) { return verdict.rule == rule; });
  return found == plan.verdicts.end() ? nullptr : &*found;
}

TEST(PlanWslTest, NothingOfWindowsIsSeenButTheWorkspace) {
  for (const char* const tier : {"namespaces", "bubblewrap"}) {
    const LaunchPlan plan = SceneOnDrvfs().Plan(tier).value();
    const LinuxPlan& body = BodyOf(plan);
    EXPECT_EQ(Seen(body, "/mnt/c/Users/me/secret"), Sees::kPrivate);
    EXPECT_EQ(Seen(body, "/mnt/c/Windows"), Sees::kPrivate);
    EXPECT_EQ(Seen(body, "/mnt/wslg/runtime-dir/wayland-0"), Sees::kPrivate);
    EXPECT_EQ(Seen(body, "/run/WSL/8_interop"), Sees::kPrivate);
    EXPECT_EQ(Seen(body, "/mnt/c/src/app/main.c"), Sees::kWritable);
    EXPECT_EQ(Seen(body, "/usr/lib/wsl/drivers/x"), Sees::kReadOnly);
    EXPECT_EQ(VerdictOn(plan, "wsl.volumes")->verdict, Verdict::kEnforced);
  }
  // The control: the same tree on a host that is no WSL.
  LinuxScene plain = SceneOnDrvfs();
  plain.host.linux_host.wsl_version = {0, "test"};
  const LaunchPlan plan = plain.Plan().value();
  EXPECT_EQ(Seen(BodyOf(plan), "/mnt/c/Users/me/secret"), Sees::kReadOnly);
  EXPECT_EQ(VerdictOn(plan, "wsl.volumes"), nullptr);
  EXPECT_FALSE(BodyOf(plan).own_binfmt);
}

TEST(PlanWslTest, VolumesMountedElsewhereAreHiddenAsWell) {
  LinuxScene scene;
  InWsl(&scene);
  scene.Write(".");
  scene.Dir("/srv/share");
  scene.Dir("/home/dev/proj/share");
  scene.host.linux_host.windows_mounts.push_back({"/srv/share", "\\\\server\\x", "drvfs"});
  scene.host.linux_host.windows_mounts.push_back({"/home/dev/proj/share", "D:\\", "9p"});
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/srv/share/x"), Sees::kPrivate);
  EXPECT_TRUE(Has(body, MountOp::kMask, "/home/dev/proj/share"));
  // What the policy names is shown.
  scene.ReadOnly("/srv/share");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/srv/share/x"), Sees::kReadOnly);
}

TEST(PlanWslTest, WhatNobodyLookedAtCountsAsWslLeavesIt) {
  LinuxScene scene;
  InWsl(&scene);
  scene.host.linux_host.wsl_automount = "";
  scene.host.linux_host.windows_mounts = {};
  scene.host.linux_host.windows_interop = {Tri::kUnknown, ""};
  scene.host.linux_host.windows_interpreters = {};
  scene.Write(".");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/mnt/c/Windows"), Sees::kPrivate);
  EXPECT_TRUE(Has(body, MountOp::kMask, "/init"));
}

TEST(PlanWslTest, WhatStartsProgramsOfWindowsCannotBeExecuted) {
  const LaunchPlan plan = SceneOnDrvfs().Plan().value();
  const LinuxPlan& body = BodyOf(plan);
  EXPECT_TRUE(Has(body, MountOp::kMask, "/init"));
  LandlockRule reading = {"/", LandlockGrant::kReadOnly}, executing = {"/", LandlockGrant::kRead};
  executing.except = {"/init"};
  executing.optional = true;
  EXPECT_THAT(body.landlock, Contains(reading));
  EXPECT_THAT(body.landlock, Contains(executing));
  EXPECT_THAT(body.landlock, Not(Contains(LandlockRule{"/", LandlockGrant::kRead})));
}

// Flag F of binfmt_misc is beyond Landlock and mounts; the table of handlers has namespaces from 6.7 on.
TEST(PlanWslTest, HandlersAreLeftOutWhereTheKernelCanAndToldWhereNot) {
  LinuxScene scene = SceneOnDrvfs();
  const struct {
    const char *kernel, *tier;
    bool own;
  } kCases[] = {{"6.18.1", "namespaces", true},  {"6.7.0", "namespaces", true},    {"7.0.0", "namespaces", true},
                {"6.6.87", "namespaces", false}, {"5.15.90", "namespaces", false}, {"6.18.1", "bubblewrap", false}};
  for (const auto& test : kCases) {
    scene.host.linux_host.kernel = {test.kernel, "test"};
    const LaunchPlan plan = scene.Plan(test.tier).value();
    EXPECT_EQ(BodyOf(plan).own_binfmt, test.own) << test.kernel;
    const RuleVerdict* const verdict = VerdictOn(plan, "wsl.interop");
    EXPECT_EQ(verdict->verdict, test.own ? Verdict::kEnforced : Verdict::kApproximated) << test.kernel;
  }
}

// drvfs: a mount holds one spelling of a name, and the volume takes them all for one file.
TEST(PlanWslTest, ProtectionByNameIsApproximatedOnDrvfsAndComparedAfterTheRun) {
  LinuxScene scene = SceneOnDrvfs();
  scene.File("/mnt/c/src/app/keys");
  scene.File("/mnt/c/src/app/.env");
  scene.DenyWrite("keys");
  scene.DenyRead(".env");
  Facts facts = scene.MakeFacts();
  facts.workspace.location = WorkspaceLocation::kDrvfs;
  facts.workspace.case_insensitive = Yes("test");
  const auto backend = MakeLinuxLandlockBackend();
  const LaunchPlan plan = backend->Plan("namespaces", scene.request, facts).value();
  for (const char* const rule : {"filesystem.deny_write keys", "filesystem.deny_read .env"}) {
    EXPECT_EQ(VerdictOn(plan, rule)->verdict, Verdict::kApproximated) << rule;
    EXPECT_THAT(VerdictOn(plan, rule)->missing, HasSubstr("spellings"));
  }
  const auto& watched = BodyOf(plan).watched;
  EXPECT_TRUE(std::any_of(watched.begin(), watched.end(), [](const WatchedPath& path) {
    return path.path == "/mnt/c/src/app/keys" && path.violation && path.deep;
  }));

  facts.workspace.case_insensitive = No("test");
  const LaunchPlan exact = backend->Plan("namespaces", scene.request, facts).value();
  EXPECT_EQ(VerdictOn(exact, "filesystem.deny_write keys")->verdict, Verdict::kEnforced);
  EXPECT_EQ(VerdictOn(exact, "filesystem.deny_read .env")->verdict, Verdict::kEnforced);
}

}  // namespace
}  // namespace paddock
