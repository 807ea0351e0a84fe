// What of the host is seen, and what of it can be written, beside grants and denials.

#include "gtest/gtest.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

TEST(PlanViewTest, AReadOnlyHomeInTheHostsTmpIsNotWritten) {
  LinuxScene scene;
  scene.Dir("/tmp/home");
  scene.host.home = "/tmp/home";
  scene.request.policy.filesystem.tmp = TmpMode::kHost;
  scene.request.policy.filesystem.home = HomeMode::kReadOnly;
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/tmp/home/.bashrc"), Sees::kReadOnly);
  EXPECT_EQ(Seen(body, "/tmp/other"), Sees::kWritable);
}

TEST(PlanViewTest, WhatIsListedAsReadableIsSeenInAPrivateDirectory) {
  LinuxScene scene;
  scene.File("/tmp/data/file");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/tmp/data/file"), Sees::kPrivate);
  scene.ReadOnly("/tmp/data");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/tmp/data/file"), Sees::kReadOnly);
}

TEST(PlanViewTest, AHomeThatIsListedAsReadableIsSeenInAMinimalRoot) {
  LinuxScene scene;
  scene.File("/home/dev/file");
  scene.Write(".");
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/home/dev/file"), Sees::kPrivate);
  scene.ReadOnly("/home/dev");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/home/dev/file"), Sees::kOverlay);
}

TEST(PlanViewTest, AReadablePathThatDoesNotExistIsLeftOutOfAMinimalRoot) {
  LinuxScene scene;
  scene.Write(".");
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  scene.ReadOnly("/srv/nothing");
  EXPECT_FALSE(Has(BodyOf(PlanOf(scene)), MountOp::kBind, "/srv/nothing"));
}

}  // namespace
}  // namespace paddock
