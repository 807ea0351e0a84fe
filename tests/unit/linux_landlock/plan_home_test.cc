// What a plan makes of the home directory: thrown away, kept or read-only.

#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kState[] = "/home/dev/.local/state/paddock";
constexpr char kLayer[] = "/home/dev/.local/state/paddock/homes/fd00-2a";

LinuxScene Kept() {
  LinuxScene scene;
  scene.request.policy.filesystem.home = HomeMode::kKept;
  return scene;
}

std::string SourceOfHome(const LinuxPlan& body, const std::string& home = "/home/dev") {
  const MountStep* const step = FindStep(body, MountOp::kHome, home);
  return step == nullptr ? "no layer" : step->source;
}

RuleVerdict HomeVerdict(const LaunchPlan& plan) {
  for (const RuleVerdict& verdict : plan.verdicts) {
    if (verdict.rule == "filesystem.home") return verdict;
  }
  return {};
}

TEST(PlanHomeTest, WritesToTheHomeAreThrownAway) {
  const LaunchPlan plan = PlanOf(LinuxScene());
  EXPECT_THAT(Targets(BodyOf(plan), MountOp::kHome), ElementsAre("/home/dev"));
  EXPECT_EQ(VerdictOf(plan, "filesystem.home"), "enforced");
}

TEST(PlanHomeTest, WhatStandsAgainstAnOverlayIsToldAndTheHomeIsReadOnly) {
  const std::function<void(LinuxScene&)> obstacles[] = {
      [](LinuxScene& s) { s.host.linux_host.overlay_in_userns = No("kernel 5.10"); },
      [](LinuxScene& s) { s.host.linux_host.mount_points.emplace_back("/home/dev/usb"); },
      [](LinuxScene& s) {
        s.Dir("/data/dev");
        s.Link("/home/me", "/data/dev");
        s.host.home = "/home/me";
      },
  };
  for (const auto& prepare : obstacles) {
    LinuxScene scene;
    prepare(scene);
    const LaunchPlan plan = PlanOf(scene);
    EXPECT_THAT(Targets(BodyOf(plan), MountOp::kHome), IsEmpty());
    EXPECT_EQ(Seen(BodyOf(plan), "/home/dev/x"), Sees::kReadOnly);
    EXPECT_EQ(VerdictOf(plan, "filesystem.home"), "not-enforced");
  }
}

TEST(PlanHomeTest, AHomeBelowTmpIsShownAgain) {
  LinuxScene scene;
  scene.host.home = "/tmp/h";
  scene.File("/tmp/h/.ssh/id");
  scene.DenyRead("~/.ssh");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/tmp/h/.profile"), Sees::kOverlay);
  EXPECT_EQ(Seen(body, "/tmp/h/.ssh/id"), Sees::kHidden);
  EXPECT_TRUE(Has(body, MountOp::kBind, "/tmp/h"));
}

TEST(PlanHomeTest, ReadOnly) {
  LinuxScene scene;
  scene.request.policy.filesystem.home = HomeMode::kReadOnly;
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/home/dev/x"), Sees::kReadOnly);
}

TEST(PlanHomeTest, AKeptHomeIsAnOverlayOverTheWorkspacesLayer) {
  const LaunchPlan plan = PlanOf(Kept());
  const LinuxPlan& body = BodyOf(plan);
  EXPECT_EQ(SourceOfHome(body), kLayer);
  EXPECT_EQ(Seen(body, "/home/dev/.cache/x"), Sees::kOverlay);
  EXPECT_EQ(HomeVerdict(plan).verdict, Verdict::kEnforced);
  EXPECT_THAT(HomeVerdict(plan).mechanism, HasSubstr("the workspace's layer"));
  EXPECT_EQ(plan.promised[Guarantee::kHostChange], host_change_level::kRecorded);
  EXPECT_EQ(SourceOfHome(BodyOf(PlanOf(LinuxScene()))), "") << "control: an ephemeral one has none";
}

// A run under another policy has the same caches: a policy is changed by a flag.
TEST(PlanHomeTest, TheLayerIsTheWorkspacesWhateverThePolicy) {
  LinuxScene scene = Kept();
  scene.request.policy.profile = "read-only";
  scene.DenyRead("~/.ssh");
  EXPECT_EQ(SourceOfHome(BodyOf(PlanOf(scene))), kLayer);
}

// The launcher makes it, and with it the layer of this run, after planning.
TEST(PlanHomeTest, TheStateDirectoryIsMaskedBeforeItExists) {
  LinuxScene scene = Kept();
  const LinuxPlan body = BodyOf(PlanOf(scene));
  const MountStep* const mask = FindStep(body, MountOp::kMask, kState);
  ASSERT_NE(mask, nullptr);
  EXPECT_TRUE(mask->optional);
  EXPECT_FALSE(Has(BodyOf(PlanOf(LinuxScene())), MountOp::kMask, kState)) << "control";
}

TEST(PlanHomeTest, TheStateDirectoryIsMaskedWhereItReallyIs) {
  for (const HomeMode mode : {HomeMode::kKept, HomeMode::kEphemeral}) {
    LinuxScene scene;
    scene.request.policy.filesystem.home = mode;
    scene.Dir("/data/state/paddock");
    scene.Link("/home/dev/.local/state", "/data/state");
    const LinuxPlan body = BodyOf(PlanOf(scene));
    EXPECT_EQ(Seen(body, "/data/state/paddock/homes/fd00-2a/upper"), Sees::kHidden);
    EXPECT_FALSE(Has(body, MountOp::kMask, kState));
  }
}

// What a run before removed in the layer is no obstacle for this one, and shows nothing of the host's either.
TEST(PlanHomeTest, MasksOverAKeptHomeMayHaveNothingToCover) {
  for (const bool kept : {true, false}) {
    LinuxScene scene = kept ? Kept() : LinuxScene();
    scene.File("/home/dev/.ssh/id");
    scene.File("/etc/shadow.bak");
    scene.DenyRead("~/.ssh");
    scene.DenyRead("/etc/shadow.bak");
    const LinuxPlan body = BodyOf(PlanOf(scene));
    ASSERT_TRUE(Has(body, MountOp::kMask, "/home/dev/.ssh"));
    EXPECT_EQ(FindStep(body, MountOp::kMask, "/home/dev/.ssh")->optional, kept);
    EXPECT_FALSE(FindStep(body, MountOp::kMask, "/etc/shadow.bak")->optional);
  }
}

// Or the next run would see the files as this one left them, and not as they are on the host.
TEST(PlanHomeTest, AWorkspaceThatMayNotBeWrittenIsNoPartOfAKeptHome) {
  const LinuxScene scene = Kept();
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/home/dev/proj/src"), Sees::kReadOnly);
  EXPECT_EQ(FindStep(body, MountOp::kBind, "/home/dev/proj")->identity.inode, scene.Look("/home/dev/proj").inode);
  EXPECT_EQ(Seen(BodyOf(PlanOf(LinuxScene())), "/home/dev/proj/src"), Sees::kOverlay) << "control: thrown away";
  LinuxScene granted = Kept();
  granted.Write(".");
  EXPECT_EQ(Seen(BodyOf(PlanOf(granted)), "/home/dev/proj/src"), Sees::kWritable);
  LinuxScene linked = Kept();
  linked.Link("/srv/link", "/home/dev/proj");
  linked.Workspace("/srv/link");
  const LinuxPlan through = BodyOf(PlanOf(linked));
  EXPECT_EQ(FindStep(through, MountOp::kBind, "/home/dev/proj")->identity.inode, linked.Look("/home/dev/proj").inode);
  LinuxScene partly = Kept();
  partly.Write("src");
  EXPECT_EQ(Seen(BodyOf(PlanOf(partly)), "/home/dev/proj/src"), Sees::kWritable);
  EXPECT_EQ(Seen(BodyOf(PlanOf(partly)), "/home/dev/proj/x"), Sees::kReadOnly);
}

TEST(PlanHomeTest, WhereNothingCanBeKeptTheHomeIsThrownAwayAndThePlanSaysSo) {
  LinuxScene scene = Kept();
  Facts facts = scene.MakeFacts();
  facts.leases.key.clear();
  auto plan = MakeLinuxLandlockBackend()->Plan("", scene.request, facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(SourceOfHome(BodyOf(*plan)), "");
  EXPECT_EQ(HomeVerdict(*plan).verdict, Verdict::kApproximated);
  EXPECT_THAT(HomeVerdict(*plan).missing, HasSubstr("no workspace"));
  facts = scene.MakeFacts();
  facts.leases.state_dir.clear();
  plan = MakeLinuxLandlockBackend()->Plan("", scene.request, facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(SourceOfHome(BodyOf(*plan)), "");
  EXPECT_THAT(HomeVerdict(*plan).missing, HasSubstr("no state directory"));
}

TEST(PlanHomeTest, WithoutAnOverlayAKeptHomeIsReadOnly) {
  LinuxScene scene = Kept();
  scene.host.linux_host.overlay_in_userns = No("kernel 5.10");
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_EQ(Seen(BodyOf(plan), "/home/dev/x"), Sees::kReadOnly);
  EXPECT_EQ(HomeVerdict(plan).verdict, Verdict::kNotEnforced);
}

// Upper layers may hold copies of the host's files, which a minimal root is not to show.
TEST(PlanHomeTest, AMinimalRootKeepsAHomeOfItsOwn) {
  LinuxScene scene = Kept();
  scene.Write(".");
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_TRUE(BodyOf(plan).minimal_root);
  const MountStep* const home = FindStep(BodyOf(plan), MountOp::kPrivate, "/home/dev");
  ASSERT_NE(home, nullptr);
  EXPECT_EQ(home->source, kLayer);
  EXPECT_EQ(SourceOfHome(BodyOf(plan)), "no layer");  // no overlay
  EXPECT_EQ(HomeVerdict(plan).verdict, Verdict::kEnforced);
}

TEST(PlanHomeTest, AKeptHomeBelowTmpIsShownAgainAndItsStateHidden) {
  LinuxScene scene = Kept();
  scene.host.home = "/tmp/h";
  scene.Dir("/tmp/h");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(SourceOfHome(body, "/tmp/h"), "/tmp/h/.local/state/paddock/homes/fd00-2a");
  EXPECT_EQ(Seen(body, "/tmp/h/.local/state/paddock/homes"), Sees::kHidden);
}

}  // namespace
}  // namespace paddock
