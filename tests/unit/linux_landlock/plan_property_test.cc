// Thousands of hosts, workspaces and requests from a fixed seed: every one of them is either refused or planned so that
// ExpectSound holds (plan_checks.h).

#include <map>
#include <random>

#include <nlohmann/json.hpp>
#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "gtest/gtest.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

constexpr uint32_t kSeed = 20'261'124;
constexpr int kScenes = 1000;

// The sequence of mt19937 is the same everywhere; that of the distributions of <random> is not.
class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  size_t Below(size_t count) { return engine_() % count; }
  bool OneIn(size_t count) { return Below(count) == 0; }
  template <typename T, size_t kSize>
  const T& Of(const T (&values)[kSize]) {
    return values[Below(kSize)];
  }

 private:
  std::mt19937 engine_;
};

constexpr const char* kNames[] = {"a", "b", "a-b", ".env", ".vscode"};
constexpr const char* kWorkspaces[] = {"/home/dev/proj", "/tmp/w", "/srv/ws", "/home/dev/link", "/run/user/1000/w"};

std::string RandomRelative(Dice& dice) {
  std::string path = dice.Of(kNames);
  for (size_t depth = dice.Below(4); depth > 0; --depth) absl::StrAppend(&path, "/", dice.Of(kNames));
  return path;
}

void FillTree(Dice& dice, const std::string& root, LinuxScene* scene) {
  for (size_t count = dice.Below(12); count > 0; --count) {
    const std::string path = absl::StrCat(root, "/", RandomRelative(dice));
    // Nothing below what is no directory.
    bool blocked = false;
    for (std::string above = path; above != root; above = above.substr(0, above.rfind('/'))) {
      const PathType type = scene->Look(above).type;
      blocked = blocked || (type != PathType::kAbsent && (type != PathType::kDirectory || above == path)) ||
                scene->Look(above).crosses_symlink;
    }
    if (blocked) continue;
    switch (dice.Below(5)) {
      case 0:
        scene->Link(path, absl::StrCat(root, "/", RandomRelative(dice)));
        break;
      case 1:
        scene->Link(path, dice.OneIn(2) ? std::string("/srv/outside") : std::string(dice.Of(kNames)));
        break;
      case 2:
        scene->Dir(path);
        break;
      default:
        scene->File(path);
    }
  }
}

void FillRequest(Dice& dice, LinuxScene* scene) {
  scene->Write(".");
  for (size_t count = dice.Below(3); count > 0; --count) {
    if (dice.OneIn(2)) scene->Write(dice.OneIn(3) ? std::string("/srv/outside") : RandomRelative(dice));
  }
  for (size_t count = dice.Below(5); count > 0; --count) {
    scene->DenyWrite(RandomRelative(dice), dice.OneIn(4) ? "built-in:coding" : "policy.toml");
  }
  if (dice.OneIn(3)) scene->DenyWrite(dice.OneIn(2) ? "**/.env" : "a/*");
  if (dice.OneIn(3)) scene->DenyRead("**/.env");
  if (dice.OneIn(3)) scene->DenyRead(RandomRelative(dice));
  if (dice.OneIn(3)) scene->ReadOnly(RandomRelative(dice));
  if (dice.OneIn(4)) scene->DenyRead(dice.OneIn(2) ? "~/.ssh" : "/srv/outside/secret");
}

LinuxScene RandomScene(Dice& dice) {
  LinuxScene scene;
  if (dice.OneIn(4)) scene.RunAs(0);
  const std::string workspace = dice.Of(kWorkspaces);
  std::string root = workspace;
  if (workspace == "/home/dev/link") {
    root = "/data/real";
    scene.Dir(root);
    scene.Link(workspace, root);
  }
  scene.Workspace(workspace);
  scene.File("/srv/outside/secret");
  scene.Dir("/home/dev/.ssh");
  FillTree(dice, root, &scene);
  if (dice.OneIn(3)) scene.Repository(root);
  if (dice.OneIn(10)) scene.empty = Yes("drawn");
  if (dice.OneIn(10)) scene.host.linux_host.overlay_in_userns = No("drawn");
  if (dice.OneIn(10)) scene.request.policy.filesystem.tmp = TmpMode::kHost;
  if (dice.OneIn(10)) scene.request.policy.filesystem.read = ReadMode::kMinimal;
  if (dice.OneIn(4)) scene.request.policy.filesystem.home = HomeMode::kKept;
  FillRequest(dice, &scene);
  if (dice.OneIn(20)) {
    scene.Link(root + "/leads-out", "/srv/outside");
    scene.Write("leads-out");
  }
  return scene;
}

TEST(PlanPropertyTest, EveryPlanIsSound) {
  Dice dice(kSeed);
  std::map<std::string, int> outcomes;
  for (int i = 0; i < kScenes; ++i) {
    SCOPED_TRACE(absl::StrCat("scene ", i));
    const LinuxScene scene = RandomScene(dice);
    const absl::StatusOr<LaunchPlan> plan = scene.Plan();
    ++outcomes[plan.ok() ? "planned" : Refusal(scene)];
    if (plan.ok()) ExpectSound(scene, *plan);
    if (::testing::Test::HasFailure()) {
      std::string tree;
      for (const std::string& path : scene.AllPaths()) absl::StrAppend(&tree, "  ", path, "\n");
      GTEST_FAIL() << "workspace " << scene.request.workspace << "\n" << tree;
    }
  }
  // A generator that everything refuses, or that never meets a link, would prove nothing.
  EXPECT_GT(outcomes["planned"], kScenes / 3);
  EXPECT_GT(outcomes["deny_crosses_symlink"], kScenes / 50);
  EXPECT_GT(outcomes["deny_covers_grant"], 0);
  EXPECT_GT(outcomes["grant_leaves_workspace"], 0);
  for (const auto& [outcome, count] : outcomes) RecordProperty(outcome, count);
}

// The plan is a function of its input: the same twice, whatever ran between.
TEST(PlanPropertyTest, PlanningIsPure) {
  Dice dice(kSeed + 1);
  for (int i = 0; i < 50; ++i) {
    const LinuxScene scene = RandomScene(dice);
    const absl::StatusOr<LaunchPlan> once = scene.Plan(), again = scene.Plan();
    ASSERT_EQ(once.ok(), again.ok());
    if (once.ok()) {
      EXPECT_EQ(DumpJson(ToJson(*once)), DumpJson(ToJson(*again)));
    }
  }
}

}  // namespace
}  // namespace paddock
