// What a plan hides: secrets, Paddock's own state, sockets of the host.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;

constexpr char kWs[] = "/home/dev/proj";

std::string Ws(absl::string_view name) { return absl::StrCat(kWs, "/", name); }

// ---- Masks.

TEST(PlanMasksTest, SecretsAreCoveredByWhatTheyAre) {
  LinuxScene scene;
  scene.Coding();
  scene.File("/home/dev/.ssh/id_ed25519");
  scene.File("/etc/secret");
  scene.DenyRead("/etc/secret");
  const LaunchPlan plan = PlanOf(scene);
  const LinuxPlan& body = BodyOf(plan);
  EXPECT_EQ(Seen(body, "/home/dev/.ssh/id_ed25519"), Sees::kHidden);
  EXPECT_TRUE(FindStep(body, MountOp::kMask, "/home/dev/.ssh")->directory);
  EXPECT_FALSE(FindStep(body, MountOp::kMask, "/etc/secret")->directory);
  EXPECT_NE(FindStep(body, MountOp::kMask, "/etc/secret")->identity.inode, 0u);
  EXPECT_EQ(FindStep(body, MountOp::kMask, "/home/dev/.ssh")->identity.inode, 0u) << "an overlay has its own inodes";
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_read ~/.ssh"), "enforced");
  EXPECT_FALSE(Has(body, MountOp::kMask, "/home/dev/.aws")) << "there is none";
}

TEST(PlanMasksTest, NothingIsPlacedBelowAMask) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("keys/a/.env"));
  scene.DenyRead("keys");
  scene.DenyRead("**/.env");
  scene.DenyWrite("keys/a");
  scene.File("/home/dev/.config/gh/token");
  scene.DenyRead("~/.config");
  scene.DenyRead("~/.config/gh");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_THAT(Targets(body, MountOp::kMask), ElementsAre("/home/dev/.config", Ws("keys")));
}

TEST(PlanMasksTest, AMaskBeatsReadOnly) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("conf/db"));
  scene.DenyWrite("conf/db");
  scene.DenyRead("conf/db");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_TRUE(Has(body, MountOp::kMask, Ws("conf/db")));
  EXPECT_FALSE(Has(body, MountOp::kReadOnly, Ws("conf/db")));
}

TEST(PlanMasksTest, AMaskBelowAReadOnlyDirectoryStays) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("conf/secret"));
  scene.DenyWrite("conf");
  scene.DenyRead("conf/secret");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), Ws("conf/secret")), Sees::kHidden);
}

TEST(PlanMasksTest, ADenialThatCoversAGrantIsRefused) {
  for (const char* const text : {".", "/home/dev/proj/src", "/srv"}) {
    LinuxScene scene;
    scene.Dir("/srv/data");
    scene.Write("src");
    scene.Write("/srv/data");
    scene.DenyRead(text);
    EXPECT_EQ(Refusal(scene), "deny_covers_grant") << text;
  }
}

// The second mask would find the first one where it expects the file, and the run would be refused.
TEST(PlanMasksTest, APathThatTwoRulesHideIsMaskedOnce) {
  LinuxScene scene;
  scene.File("/srv/secret/key");
  scene.DenyRead("/srv/secret/*");
  scene.DenyRead("/srv/secret/key");
  EXPECT_THAT(Targets(BodyOf(PlanOf(scene)), MountOp::kMask), ElementsAre("/srv/secret/key"));
}

TEST(PlanMasksTest, ADenialThatCrossesALinkOfTheWorkspaceIsRefused) {
  LinuxScene scene;
  scene.Write(".");
  scene.File("/srv/secret/key");
  scene.Link(Ws("dir"), "/srv/secret");
  scene.DenyRead("dir/key");
  EXPECT_EQ(Refusal(scene), "deny_crosses_symlink");
}

TEST(PlanMasksTest, ALinkOutsideIsFollowedToTheSecret) {
  LinuxScene scene;
  scene.File("/data/ssh/id_rsa");
  scene.Link("/home/dev/.ssh", "/data/ssh");
  scene.DenyRead("~/.ssh");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/data/ssh/id_rsa"), Sees::kHidden);
}

TEST(PlanMasksTest, MatchesOfAGlobAreMaskedAndALinkIsFollowed) {
  LinuxScene scene;
  scene.Coding();
  scene.File(Ws("api/.env"));
  scene.File("/srv/shared.env");
  scene.Link(Ws("web/.env"), "/srv/shared.env");
  const LaunchPlan plan = PlanOf(scene);
  const LinuxPlan& body = BodyOf(plan);
  EXPECT_EQ(Seen(body, Ws("api/.env")), Sees::kHidden);
  EXPECT_EQ(Seen(body, "/srv/shared.env"), Sees::kHidden);
  EXPECT_TRUE(FindStep(body, MountOp::kMask, Ws("api/.env"))->optional);
  EXPECT_TRUE(Has(body, MountOp::kPin, Ws("api")));
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_read **/.env"), "approximated") << "files that come later are not masked";
}

TEST(PlanMasksTest, AFileThatABindMountShowsElsewhereIsMaskedThereToo) {
  LinuxScene scene;
  scene.Coding();
  scene.Dir("/home/dev/.ssh");
  scene.Dir("/workspace/.ssh");
  scene.DenyRead("~/.ssh");
  Facts facts = scene.MakeFacts();
  facts.workspace.paths["/workspace/.ssh"] = scene.Look("/workspace/.ssh");
  const auto masked = [&] {
    const auto plan = MakeLinuxLandlockBackend()->Plan("namespaces", scene.request, facts);
    std::vector<std::string> targets;
    for (const MountStep& step : BodyOf(*plan).mounts) {
      if (step.op == MountOp::kMask) targets.push_back(step.target);
    }
    return targets;
  };
  EXPECT_THAT(masked(), ::testing::Not(::testing::Contains("/workspace/.ssh")));
  facts.workspace.aliases["/home/dev/.ssh"] = {"/workspace/.ssh"};
  EXPECT_THAT(masked(), ::testing::IsSupersetOf({"/home/dev/.ssh", "/workspace/.ssh"}));
}

TEST(PlanMasksTest, PaddocksOwnStateIsMasked) {
  LinuxScene scene;
  scene.Dir("/home/dev/.local/state/paddock");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/home/dev/.local/state/paddock"), Sees::kHidden);
}

// ---- Sockets.

TEST(PlanSocketsTest, WhatTheHostListensOnIsHiddenUnlessGranted) {
  LinuxScene scene;
  scene.Write(".");
  scene.Socket("/var/lib/db.sock");
  scene.Socket("/opt/agent.sock");
  scene.Socket("/run/docker.sock");
  scene.Socket(Ws("ide.sock"));
  scene.GrantSocket("/opt/agent.sock");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/var/lib/db.sock"), Sees::kHidden);
  EXPECT_EQ(Seen(body, "/opt/agent.sock"), Sees::kReadOnly);
  EXPECT_EQ(Seen(body, "/run/docker.sock"), Sees::kPrivate);
  EXPECT_EQ(Seen(body, Ws("ide.sock")), Sees::kHidden);
  EXPECT_FALSE(Has(body, MountOp::kMask, "/run/docker.sock")) << "the private /run hides it already";
}

TEST(PlanSocketsTest, AGrantedSocketIsShownInAPrivateDirectoryAlsoByItsOtherName) {
  for (const char* const name : {"/run/docker.sock", "/var/run/docker.sock"}) {
    LinuxScene scene;
    scene.Socket("/run/docker.sock");
    scene.Socket("/run/other.sock");
    scene.GrantSocket(name);
    const LinuxPlan body = BodyOf(PlanOf(scene));
    EXPECT_EQ(Seen(body, "/run/docker.sock"), Sees::kReadOnly) << name;
    EXPECT_EQ(Seen(body, "/run/other.sock"), Sees::kPrivate);
  }
}

}  // namespace
}  // namespace paddock
