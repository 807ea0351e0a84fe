// What the composed token of each golden plan could do on a modelled host, by the access-check evaluator: label
// `model`. Nothing of Windows itself takes part.

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "core/access/file_ops.h"
#include "core/access/sddl.h"
#include "core/windows_plan/outsider.h"
#include "tests/support/windows_model.h"
#include "tests/support/windows_plan_faults.h"
#include "tests/support/windows_plans.h"

namespace paddock {
namespace {

TEST(WindowsPlanProofTest, EveryPlanDecidesEveryPathAsGuaranteesAndRisksSay) {
  int plans = 0;
  for (const WindowsScene& scene : WindowsScenes()) {
    const auto plan = PlanOfScene(scene);
    if (!plan.ok()) continue;
    ++plans;
    const std::vector<std::string> faults = PlanFaults(scene, TokenBodyOf(*plan));
    EXPECT_TRUE(faults.empty()) << scene.name << "\n" << absl::StrJoin(faults, "\n");
  }
  EXPECT_GE(plans, 30);
}

// The control: without the sandbox the same developer does what the run cannot.
TEST(WindowsPlanProofTest, TheDeveloperDoesWhatTheRunCannot) {
  const WindowsScene scene = WindowsSceneNamed("names");
  const auto plan = PlanOfScene(scene);
  ASSERT_TRUE(plan.ok()) << plan.status();
  WindowsModel model(scene, /*dedicated=*/false);
  ASSERT_TRUE(model.Apply(TokenBodyOf(*plan)).ok());
  const auto run = model.Compose(TokenBodyOf(*plan).token);
  ASSERT_TRUE(run.ok()) << run.status();
  const struct {
    const char* path;
    access::FileOp op;
  } kCases[] = {
      {"C:\\Users\\dev\\notes.txt", access::FileOp::kWrite},
      {"C:\\Users\\dev\\.ssh\\new", access::FileOp::kCreateFile},
      {"C:\\Users\\dev\\src\\app\\.git\\config", access::FileOp::kWrite},
      {"C:\\Users\\dev\\src\\app\\.git\\config", access::FileOp::kRemove},
      {"C:\\Users\\dev\\src\\app\\.git\\hooks\\pre-push", access::FileOp::kCreateFile},
      {"C:\\Users\\dev\\src\\app\\.git\\hooks", access::FileOp::kRemove},
      {"C:\\Users\\dev\\src\\app\\.git", access::FileOp::kRemove},
      {"C:\\Users\\dev\\src\\app\\.vscode", access::FileOp::kRemove},
      {"C:\\Users\\dev\\src\\app\\main.cc", access::FileOp::kSetDacl},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(access::CheckFileOp(model.tree(), test.path, test.op, *run).decision, access::Decision::kDenied)
        << test.path << " " << ToString(test.op);
    EXPECT_EQ(access::CheckFileOp(model.tree(), test.path, test.op, model.Host()).decision, access::Decision::kGranted)
        << test.path << " " << ToString(test.op);
  }
}

// What `missing` says of a protected name: where something beside it does not let the user delete it by itself, the
// entry that keeps the name from deletion is left out, and the developer loses nothing.
TEST(WindowsPlanProofTest, WhereTheHostWouldLoseSomethingTheNameCanBeReplaced) {
  const WindowsScene scene = WindowsSceneNamed("names");
  const auto plan = PlanOfScene(scene);
  ASSERT_TRUE(plan.ok()) << plan.status();
  for (const bool locked : {false, true}) {
    WindowsModel model(scene, /*dedicated=*/false, locked);
    ASSERT_TRUE(model.Apply(TokenBodyOf(*plan)).ok());
    const auto run = model.Compose(TokenBodyOf(*plan).token);
    ASSERT_TRUE(run.ok()) << run.status();
    const std::string config = "C:\\Users\\dev\\src\\app\\.git\\config";
    EXPECT_EQ(access::CheckFileOp(model.tree(), config, access::FileOp::kRemove, *run).decision,
              locked ? access::Decision::kGranted : access::Decision::kDenied);
    EXPECT_EQ(access::CheckFileOp(model.tree(), config, access::FileOp::kWrite, *run).decision,
              access::Decision::kDenied);
    // Replaced by a file of the run's own, which is worse than deleted.
    EXPECT_EQ(
        access::CheckFileOp(model.tree(), "C:\\Users\\dev\\src\\app\\main.cc", access::FileOp::kRename, *run, config)
            .decision,
        locked ? access::Decision::kGranted : access::Decision::kDenied);
  }
}

// What is judged of a path by its list alone, of an account of which next to nothing is known, holds for the token that
// a plan composes; and the control, that what is judged open is read.
TEST(WindowsPlanProofTest, WhatIsJudgedHiddenIsNotRead) {
  const WindowsScene scene = WindowsSceneNamed("secrets_dedicated");
  const auto plan = PlanOfScene(scene);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const WindowsModel model(scene, /*dedicated=*/true);
  const auto run = model.Compose(TokenBodyOf(*plan).token);
  ASSERT_TRUE(run.ok()) << run.status();
  int hidden = 0, open = 0;
  for (const ModelFile& file : model.files()) {
    const auto node = model.tree().Find(file.path);
    const auto text = access::ToSddl(*node->descriptor);
    ASSERT_TRUE(text.ok()) << text.status();
    DescriptorFacts list;
    list.descriptors = {*text};
    const OutsiderReads reads = JudgeOutsider(list, model.SidOf("{dev}").ToString(), /*denied=*/false);
    const auto verdict = access::CheckFileOp(model.tree(), file.path,
                                             file.directory ? access::FileOp::kList : access::FileOp::kRead, *run);
    if (reads.kept_out == Tri::kYes) {
      EXPECT_EQ(verdict.decision, access::Decision::kDenied) << file.path;
    }
    if (reads.kept_out == Tri::kNo) {
      EXPECT_EQ(verdict.decision, access::Decision::kGranted) << file.path;
    }
    hidden += reads.kept_out == Tri::kYes ? 1 : 0;
    open += reads.kept_out == Tri::kNo ? 1 : 0;
  }
  EXPECT_GE(hidden, 50);
  EXPECT_GE(open, 10);
}

}  // namespace
}  // namespace paddock
