#include "compose/audit_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "backends/linux_landlock/linux_plan.h"

namespace paddock {
namespace {

using audit::Sight;

LaunchPlan PlanOf(std::vector<MountStep> mounts) {
  auto body = std::make_shared<LinuxPlan>();
  body->mounts = std::move(mounts);
  body->landlock_abi = 7;
  body->watched = {{"/ws/.vscode", "deny_write .vscode", "protected name", true},
                   {"/ws/Makefile", "", "make runs it", false}};
  LaunchPlan plan;
  plan.backend = {"linux_landlock", "namespaces"};
  plan.body = std::move(body);
  return plan;
}

MountStep Step(MountOp op, std::string target, bool writable = false) {
  MountStep step;
  step.op = op;
  step.target = std::move(target);
  step.writable = writable;
  return step;
}

TEST(AuditView, EveryStepOfAPlan) {
  const audit::View view = ViewOfPlan(PlanOf(
      {Step(MountOp::kHome, "/home/dev"), Step(MountOp::kMask, "/home/dev/.ssh"), Step(MountOp::kPrivate, "/tmp"),
       Step(MountOp::kBind, "/ws", true), Step(MountOp::kReadOnly, "/ws/.git/hooks"), Step(MountOp::kPin, "/ws/.git"),
       Step(MountOp::kCover, "/ws/.vscode"), Step(MountOp::kDev, "/dev"), Step(MountOp::kProc, "/proc")}));
  EXPECT_TRUE(view.planned);
  EXPECT_EQ(view.backend, "linux_landlock:namespaces");
  EXPECT_EQ(view.landlock_abi, 7);
  EXPECT_EQ(view.SightOf("/home/dev/.bashrc"), Sight::kOverlay);
  EXPECT_EQ(view.SightOf("/home/dev/.ssh/id"), Sight::kMasked);
  EXPECT_EQ(view.SightOf("/tmp/x"), Sight::kPrivate);
  EXPECT_EQ(view.SightOf("/ws/a"), Sight::kWritable);
  EXPECT_EQ(view.SightOf("/ws/.git/HEAD"), Sight::kWritable);  // a pin holds a name, and closes nothing
  EXPECT_EQ(view.SightOf("/ws/.git/hooks/pre-commit"), Sight::kReadOnly);
  EXPECT_EQ(view.SightOf("/ws/.vscode/x"), Sight::kMasked);
  EXPECT_EQ(view.SightOf("/dev/shm"), Sight::kPrivate);
  EXPECT_EQ(view.SightOf("/usr/bin"), Sight::kReadOnly);
  ASSERT_EQ(view.executed_later.size(), 1u);
  EXPECT_EQ(view.executed_later.front().path, "/ws/Makefile");
}

TEST(AuditView, WhereOnlyRightsAreGivenTheyDecide) {
  LaunchPlan plan = PlanOf({});
  auto body = std::make_shared<LinuxPlan>();
  body->tier = LinuxTier::kLandlock;
  body->landlock_abi = 7;
  body->landlock = {{"/", LandlockGrant::kRead, true, {"/home/dev/.ssh", "/ws/.env", "/tmp"}, false},
                    {"/ws", LandlockGrant::kReadWrite, true, {}, false}};
  plan.body = body;
  audit::View view = ViewOfPlan(plan);
  EXPECT_EQ(view.SightOf("/usr/bin"), Sight::kReadOnly);
  EXPECT_EQ(view.SightOf("/home/dev/.ssh/id"), Sight::kMasked);
  EXPECT_EQ(view.SightOf("/tmp/x"), Sight::kMasked);
  EXPECT_EQ(view.SightOf("/ws/a"), Sight::kWritable);
  EXPECT_EQ(view.SightOf("/ws/.env"), Sight::kWritable);  // the grant opens what the other rule leaves out
  EXPECT_TRUE(view.any_socket);
  body->landlock_abi = 9;
  EXPECT_FALSE(ViewOfPlan(plan).any_socket);
}

TEST(AuditView, WithoutAPlanTheGrantsAreWritableAndNothingIsHidden) {
  Request request;
  request.write = {{"/link", false, ".", {}}};
  request.deny_read = {{"/real/.env", false, ".env", {}}};
  Facts facts;
  facts.workspace.paths["/link"].real_path = "/real";
  const audit::View view = ViewWithoutPlan(request, facts);
  EXPECT_FALSE(view.planned);
  EXPECT_EQ(view.SightOf("/real/.env"), Sight::kWritable);
  EXPECT_EQ(view.SightOf("/tmp"), Sight::kReadOnly);
}

}  // namespace
}  // namespace paddock
