// Whole plans of windows_sandbox and their .wsb files, reviewed like code: tests/golden/plans/windows_sandbox.
// scripts/update_goldens writes them anew.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/backend.h"
#include "backends/windows_sandbox/plan.h"
#include "backends/windows_sandbox/sandbox_plan.h"
#include "core/base/json.h"
#include "tests/support/golden.h"
#include "tests/support/plan_goldens.h"
#include "tests/unit/rubric/rubric_hosts.h"

namespace paddock {
namespace {

using testing::HasSubstr;

constexpr char kDirectory[] = "tests/golden/plans/windows_sandbox/";
constexpr char kHost[] = "windows_11_enterprise_sandbox";
constexpr char kWs[] = "C:\\Users\\dev\\src\\app";

PlanScene Make(const std::string& name, const std::string& host, bool workspace, bool writing = true,
               std::vector<std::string> require = {}) {
  const Facts facts = LoadHost(host);
  PlanScene scene{name, {}, facts};
  scene.request = MakeAsk({.workload = Workload::kComputerUse,
                           .require = std::move(require),
                           .with_workspace = workspace,
                           .writing = writing},
                          facts);
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  scene.request.environment = {{"PATH", "C:\\Windows"}, {"TEMP", "C:\\Users\\dev\\AppData\\Local\\Temp"}};
  return scene;
}

PathRule RuleFor(const std::string& path) { return {path, false, path, {"policy.toml", 1}}; }

void Put(PlanScene& scene, const std::string& path, PathType type = PathType::kDirectory) {
  scene.facts.workspace.paths[path] = {};
  scene.facts.workspace.paths[path].type = type;
  scene.facts.workspace.paths[path].real_path = path;
}

void MoveWorkspace(PlanScene& scene, const std::string& path) {
  scene.request.workspace = scene.request.cwd = scene.facts.workspace.root.real_path = path;
  for (PathRule& rule : scene.request.write) rule.path = path;
  scene.request.deny_write.clear();
  scene.request.deny_read.clear();
}

PlanScene Rich() {
  PlanScene scene = Make("grants_limits_network", kHost, true);
  Request& request = scene.request;
  request.command = {"C:\\Program Files\\x\\x.exe", "a \"b\"", ""};
  request.cwd = absl::StrCat(kWs, "\\src");
  request.policy.network.mode = NetworkMode::kOpen;
  request.policy.environment.set = {{"CI", "1"}};
  request.policy.limits = {std::chrono::minutes(10), std::chrono::minutes(5), uint64_t{4} << 30, 512, 1u << 26,
                           uint64_t{2} << 30};
  request.policy.filesystem.read = ReadMode::kHost;
  request.policy.filesystem.tmp = TmpMode::kHost;
  request.policy.filesystem.home = HomeMode::kKept;
  Put(scene, "D:\\out & in's");
  Put(scene, "C:\\Program Files\\Git");
  Put(scene, "C:\\Users\\dev\\notes.txt", PathType::kFile);
  request.write.push_back(RuleFor("D:\\out & in's"));
  request.write.push_back(RuleFor(absl::StrCat(kWs, "\\build")));
  request.read_only = {RuleFor("C:\\Program Files\\Git"), RuleFor("C:\\Users\\dev\\notes.txt"),
                       RuleFor(absl::StrCat(kWs, "\\vendor"))};
  request.deny_read.push_back(RuleFor("C:\\Users\\dev\\.ssh"));
  return scene;
}

std::vector<PlanScene> Scenes() {
  std::vector<PlanScene> scenes;
  for (const std::string& host : HostNames()) {
    if (LoadHost(host).host.os != OsFamily::kWindows) continue;
    scenes.push_back(Make(absl::StrCat(host, ".no_workspace"), host, false));
    scenes.push_back(Make(absl::StrCat(host, ".mapped"), host, true));
  }
  scenes.push_back(Make("copy", kHost, true, true, {"workspace=copy"}));
  scenes.push_back(Make("mapped_read_only", kHost, true, false));
  scenes.push_back(Rich());
  return scenes;
}

// Each is refused, and what is refused in it is all that sets it apart from a scene that has a plan.
std::vector<PlanScene> RefusedScenes() {
  std::vector<PlanScene> scenes;
  const auto moved = [&](const std::string& name, const std::string& path) {
    scenes.push_back(Make(name, kHost, true));
    MoveWorkspace(scenes.back(), path);
  };
  moved("drive_root", "D:\\");
  moved("profile_root", "C:\\Users\\dev");
  moved("profiles", "C:\\Users");
  moved("system", "C:\\Windows\\Temp");
  moved("paddocks_state", "C:\\Users\\dev\\AppData\\Local\\paddock");
  moved("below_paddocks_state", "C:\\Users\\dev\\AppData\\Local\\paddock\\state\\x");
  moved("device", "\\\\.\\C:\\ws");
  moved("share", "\\\\server\\share\\ws");
  const auto placed = [&](const std::string& name, WorkspaceLocation location) {
    scenes.push_back(Make(name, kHost, true));
    scenes.back().facts.workspace.location = location;
  };
  placed("on_a_share", WorkspaceLocation::kUnc);
  placed("on_a_mapped_drive", WorkspaceLocation::kMappedDrive);
  placed("in_a_distribution", WorkspaceLocation::kWslDistribution);
  const auto granted = [&](const std::string& name, const std::string& path, PathType type, bool writing = true,
                           std::vector<std::string> require = {}) {
    scenes.push_back(Make(name, kHost, true, writing, std::move(require)));
    if (type != PathType::kAbsent) Put(scenes.back(), path, type);
    scenes.back().request.write.push_back(RuleFor(path));
  };
  granted("grant_of_a_file", "D:\\out.txt", PathType::kFile);
  granted("grant_of_what_is_not_there", "D:\\out", PathType::kAbsent);
  granted("grant_of_a_drive", "D:\\", PathType::kDirectory);
  granted("grant_below_a_read_only_workspace", absl::StrCat(kWs, "\\build"), PathType::kDirectory, false);
  granted("grant_beside_a_copy", "D:\\out", PathType::kDirectory, true, {"workspace=copy"});
  scenes.push_back(Make("read_only_profile", kHost, true));
  Put(scenes.back(), "C:\\Users\\dev");
  scenes.back().request.read_only = {RuleFor("C:\\Users\\dev")};
  scenes.push_back(Make("workspace_gone", kHost, true));
  scenes.back().facts.workspace.root.type = PathType::kAbsent;
  scenes.push_back(Make("no_state", kHost, false));
  scenes.back().facts.leases.state_dir = "";
  scenes.push_back(Make("no_command", kHost, false));
  scenes.back().request.command.clear();
  scenes.push_back(Make("nul_in_command", kHost, false));
  scenes.back().request.command = {std::string("a\0b", 3)};
  scenes.push_back(Make("half_pair_in_command", kHost, false));
  scenes.back().request.command = {"x", "a\xed\xa0\x80z"};
  scenes.push_back(Make("terminal", kHost, false));
  scenes.back().request.tty = TtyMode::kAlways;
  scenes.push_back(Make("another_machine_runs", kHost, false));
  scenes.back().facts.host.windows_host.windows_sandbox_running = {Tri::kYes, "process list"};
  return scenes;
}

TEST(SandboxPlanGoldenTest, EveryWindowsHostWithAndWithoutAWorkspace) {
  std::string refusals = "scene, and why there is no plan\n\n";
  int plans = 0;
  for (const PlanScene& scene : Scenes()) {
    const auto plan = PlanWindowsSandbox("", scene.request, scene.facts);
    if (!plan.ok()) {
      refusals += RefusalLine(scene, plan.status());
      continue;
    }
    ++plans;
    ExpectGolden(absl::StrCat(kDirectory, scene.name, ".json"), DumpJson(ToJson(*plan)));
    const auto text = WsbText(dynamic_cast<const WindowsSandboxPlan&>(*plan->body).machine);
    ASSERT_TRUE(text.ok()) << text.status();
    ExpectGolden(absl::StrCat(kDirectory, scene.name, ".wsb"), *text);
  }
  EXPECT_GE(plans, 5);
  refusals += "\n";
  for (const PlanScene& scene : RefusedScenes()) {
    const auto plan = PlanWindowsSandbox("", scene.request, scene.facts);
    EXPECT_FALSE(plan.ok()) << scene.name;
    refusals += RefusalLine(scene, plan.status());
  }
  ExpectGolden(absl::StrCat(kDirectory, "refusals.txt"), refusals);
}

TEST(SandboxPlanGoldenTest, EveryScenesPlanKeepsTheContract) {
  ExpectConformance(*MakeWindowsSandboxBackend(), Scenes());
  ExpectConformance(*MakeWindowsSandboxBackend(), RefusedScenes());
}

// Disposable means that nothing but the mailbox is mapped read-write, and off that there is no adapter.
TEST(SandboxPlanGoldenTest, WhatIsPromisedIsWhatTheMachineHas) {
  int looked = 0;
  for (const PlanScene& scene : Scenes()) {
    const auto plan = PlanWindowsSandbox("", scene.request, scene.facts);
    if (!plan.ok()) continue;
    ++looked;
    const auto& body = dynamic_cast<const WindowsSandboxPlan&>(*plan->body);
    size_t writable = 0;
    for (const MappedFolder& folder : body.machine.folders) writable += folder.read_only ? 0 : 1;
    EXPECT_EQ(plan->promised[Guarantee::kWrite] == write_level::kDisposable, writable == 1) << scene.name;
    EXPECT_EQ(plan->promised[Guarantee::kNetwork] == network_level::kOff, !body.machine.networking) << scene.name;
    EXPECT_FALSE(body.machine.clipboard_redirection || body.machine.audio_input || body.machine.video_input ||
                 body.machine.printer_redirection || body.machine.virtual_gpu)
        << scene.name;
    for (const auto& [name, value] : body.order.environment) {
      EXPECT_EQ(scene.request.policy.environment.set.count(name), 1u) << name;
    }
  }
  EXPECT_GE(looked, 5);
}

TEST(SandboxPlanGoldenTest, AMappedSecretLowersTheLevelAndTheVerdict) {
  PlanScene scene = Make("x", kHost, true);
  auto plan = PlanWindowsSandbox("", scene.request, scene.facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->promised[Guarantee::kRead], read_level::kNone);
  // Control: with nothing there that matches, the machine has what it was given and no more.
  scene.facts.workspace.globs.begin()->second.clear();
  plan = PlanWindowsSandbox("", scene.request, scene.facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->promised[Guarantee::kRead], read_level::kAllowlisted);
  // Nobody looked: the weaker answer.
  scene.facts.workspace.scan_complete = false;
  plan = PlanWindowsSandbox("", scene.request, scene.facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->promised[Guarantee::kRead], read_level::kNone);
}

TEST(SandboxPlanGoldenTest, AMachineAloneHasNoMailbox) {
  PlanScene scene = Make("alone", kHost, true, true);
  scene.request.command = {"C:\\x y\\z.exe", "a&b"};
  const auto machine = PlanMachineAlone(scene.request, scene.facts);
  ASSERT_TRUE(machine.ok()) << machine.status();
  const auto text = WsbText(*machine);
  ASSERT_TRUE(text.ok()) << text.status();
  ExpectGolden(absl::StrCat(kDirectory, "alone.wsb"), *text);
  EXPECT_THAT(*text, testing::Not(HasSubstr("{")));
  // Of folders that nobody looked at only the name is judged.
  PlanScene unseen = Make("unseen", kHost, true);
  unseen.facts.workspace = {};
  EXPECT_TRUE(PlanMachineAlone(unseen.request, unseen.facts).ok());
  MoveWorkspace(unseen, "C:\\Users\\dev");
  unseen.facts.workspace = {};
  EXPECT_FALSE(PlanMachineAlone(unseen.request, unseen.facts).ok());
}

}  // namespace
}  // namespace paddock
