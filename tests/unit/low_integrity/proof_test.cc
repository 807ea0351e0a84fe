// What the low token of each golden plan could do on a modelled host, by the access-check evaluator: label `model`.
// Nothing of Windows itself takes part.

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "backends/low_integrity/plan.h"
#include "core/access/file_ops.h"
#include "tests/support/confined_scenes.h"
#include "tests/support/low_integrity_faults.h"

namespace paddock {
namespace {

using access::Decision;
using access::FileOp;

// The model has the places where most checkouts lie, and no servers. What a copy is made of does not matter to it.
bool IsModelled(const WindowsScene& scene) {
  const std::string& root = scene.facts.workspace.root.real_path;
  return scene.request.workspace.empty() || absl::StartsWith(root, "C:\\Users\\dev\\src") ||
         absl::StartsWith(root, "D:\\agent");
}

TEST(LowIntegrityProofTest, EveryPlanDecidesEveryPathAsGuaranteesAndRisksSay) {
  int plans = 0;
  for (const WindowsScene& scene : LowIntegrityScenes()) {
    const auto plan = PlanLowIntegrity("", scene.request, scene.facts);
    if (!plan.ok() || !IsModelled(scene)) continue;
    ++plans;
    const std::vector<std::string> faults = LowFaults(scene, LowBodyOf(*plan));
    EXPECT_TRUE(faults.empty()) << scene.name << "\n" << absl::StrJoin(faults, "\n");
  }
  EXPECT_GE(plans, 14);
}

class NamesTest : public testing::Test {
 protected:
  NamesTest() : scene_(SceneNamed(LowIntegrityScenes(), "names")), model_(scene_, false) {
    const auto plan = PlanLowIntegrity("", scene_.request, scene_.facts);
    EXPECT_TRUE(plan.ok()) << plan.status();
    if (!plan.ok()) return;
    EXPECT_TRUE(ApplyLow(LowBodyOf(*plan), &model_).ok());
    const auto token = LowToken(model_, LowBodyOf(*plan).token);
    EXPECT_TRUE(token.ok()) << token.status();
    if (token.ok()) run_ = *token;
  }
  Decision Of(const std::string& path, FileOp op, const access::Token& token) const {
    return access::CheckFileOp(model_.tree(), path, op, token).decision;
  }

  WindowsScene scene_;
  WindowsModel model_;
  access::Token run_;
};

// The control: without the sandbox the same developer does what the run cannot.
TEST_F(NamesTest, TheDeveloperDoesWhatTheRunCannot) {
  const struct {
    const char* path;
    FileOp op;
  } kCases[] = {
      {"C:\\Users\\dev\\notes.txt", FileOp::kWrite},
      {"C:\\Users\\dev\\notes.txt", FileOp::kRemove},
      {"C:\\Users\\dev\\src\\app\\main.cc", FileOp::kWrite},
      {"C:\\Users\\dev\\src\\app\\main.cc", FileOp::kRemove},
      {"C:\\Users\\dev\\src\\app\\new.txt", FileOp::kCreateFile},
      {"C:\\Users\\dev\\src\\app\\.git\\config", FileOp::kAppend},
      {"C:\\shared\\drop.txt", FileOp::kWrite},
      {"C:\\Users\\dev\\src\\app\\main.cc", FileOp::kSetDacl},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Of(test.path, test.op, run_), Decision::kDenied) << test.path << " " << ToString(test.op);
    EXPECT_EQ(Of(test.path, test.op, model_.Host()), Decision::kGranted) << test.path << " " << ToString(test.op);
  }
}

// The level alone does it: the same token at medium writes.
TEST_F(NamesTest, ItIsTheLevel) {
  access::Token medium = run_;
  medium.integrity = access::kMediumIntegrity;
  access::Token unminding = run_;
  unminding.no_write_up = false;
  const char* const file = "C:\\Users\\dev\\src\\app\\main.cc";
  EXPECT_EQ(Of(file, FileOp::kWrite, run_), Decision::kDenied);
  EXPECT_EQ(Of(file, FileOp::kWrite, medium), Decision::kGranted);
  EXPECT_EQ(Of(file, FileOp::kWrite, unminding), Decision::kGranted);
}

// Known leaks, as the risks of every report name them.
TEST_F(NamesTest, ReadsAreOpen) {
  EXPECT_EQ(Of("C:\\Users\\dev\\.ssh\\id_ed25519", FileOp::kRead, run_), Decision::kGranted);
  EXPECT_EQ(Of("C:\\Users\\guest\\diary.txt", FileOp::kRead, run_), Decision::kDenied) << "not the user's to read";
}

TEST_F(NamesTest, EveryLowProcessWritesTheCopyAndWhatWasLowBefore) {
  access::Token other = model_.Host();
  other.integrity = access::kLowIntegrity;
  for (const char* const file :
       {"C:\\run\\1\\1\\app\\main.cc", "C:\\run\\1\\tmp\\made.txt", "C:\\Users\\dev\\AppData\\LocalLow\\cache.bin"}) {
    EXPECT_EQ(Of(file, FileOp::kWrite, run_), Decision::kGranted) << file;
    EXPECT_EQ(Of(file, FileOp::kWrite, other), Decision::kGranted) << file;
    EXPECT_EQ(Of(file, FileOp::kRemove, other), Decision::kGranted) << file;
  }
  EXPECT_EQ(Of("C:\\Users\\dev\\src\\app\\main.cc", FileOp::kWrite, other), Decision::kDenied)
      << "the tree itself has no label";
  // Nothing beside the run's folder can be made, so that no other one can be put in its place.
  EXPECT_EQ(Of("C:\\run\\2", FileOp::kCreateDirectory, run_), Decision::kDenied);
}

}  // namespace
}  // namespace paddock
