// Whole plans, reviewed like code: tests/golden/plans. scripts/update_goldens writes them anew.

#include <chrono>

#include <nlohmann/json.hpp>
#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "gtest/gtest.h"
#include "tests/support/golden.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

constexpr char kWs[] = "/home/dev/proj";

void ExpectPlan(const std::string& name, const LinuxScene& scene) {
  ExpectGolden(absl::StrCat("tests/golden/plans/", name, ".json"), DumpJson(ToJson(PlanOf(scene))));
}

TEST(PlanGoldenTest, CodingInARepository) {
  LinuxScene scene;
  scene.Coding();
  scene.Repository(kWs);
  scene.File("/home/dev/proj/.vscode/settings.json");
  scene.File("/home/dev/proj/api/.env");
  scene.Dir("/home/dev/.ssh");
  scene.Socket("/run/docker.sock");
  scene.Socket("/opt/agent.sock");
  scene.request.policy.limits.processes = 2048;
  scene.request.policy.limits.output = 1u << 30;
  ExpectPlan("coding", scene);
}

TEST(PlanGoldenTest, RootInSomebodyElsesCheckout) {
  LinuxScene scene;
  scene.RunAs(0);
  scene.Workspace("/srv/proj");
  scene.Dir("/srv/proj", 1000);
  scene.Coding();
  scene.request.policy.limits = {std::chrono::minutes(10), std::chrono::minutes(5), uint64_t{4} << 30, 512, 1u << 26,
                                 uint64_t{2} << 30};
  ExpectPlan("root_foreign_workspace", scene);
}

TEST(PlanGoldenTest, EmptyWorkspace) {
  LinuxScene scene;
  scene.Coding();
  scene.empty = Yes("test");
  ExpectPlan("empty_workspace", scene);
}

TEST(PlanGoldenTest, LinkedWorktree) {
  LinuxScene scene;
  scene.Worktree(kWs, "/home/dev/main", "proj");
  scene.Coding();
  ExpectPlan("worktree", scene);
}

TEST(PlanGoldenTest, Submodule) {
  LinuxScene scene;
  scene.Repository(kWs);
  scene.Submodule(kWs, "zlib", "/home/dev/proj/third_party/zlib");
  scene.Coding();
  ExpectPlan("submodule", scene);
}

TEST(PlanGoldenTest, InsideWsl2) {
  LinuxScene scene;
  LinuxFacts& host = scene.host.linux_host;
  host.kernel = {"6.18.5", "test"};
  host.wsl_version = {2, "test"};
  host.wsl_automount = "/mnt";
  host.windows_mounts = {{"/mnt/c", "C:\\", "9p"}, {"/usr/lib/wsl/drivers", "", "9p"}};
  host.windows_interop = Yes("test");
  host.windows_interpreters = {"/init"};
  host.mount_points = {"/", "/init", "/mnt/c", "/mnt/wsl", "/mnt/wslg", "/usr/lib/wsl/drivers"};
  scene.File("/init");
  scene.Repository("/mnt/c/src/app");
  scene.Workspace("/mnt/c/src/app");
  scene.Coding();
  ExpectPlan("inside_wsl2", scene);
}

TEST(PlanGoldenTest, KeptHome) {
  LinuxScene scene;
  scene.Coding();
  scene.Dir("/home/dev/.ssh");
  scene.request.policy.filesystem.home = HomeMode::kKept;
  ExpectPlan("kept_home", scene);
}

TEST(PlanGoldenTest, MinimalRoot) {
  LinuxScene scene;
  scene.Coding();
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  scene.Dir("/opt/sdk");
  scene.ReadOnly("/opt/sdk");
  scene.request.policy.limits.memory = 1u << 30;
  scene.request.policy.limits.processes = 64;
  scene.Cgroup({"memory", "pids"});
  ExpectPlan("minimal_root", scene);
}

TEST(PlanGoldenTest, WorkspaceBelowTmp) {
  LinuxScene scene;
  scene.Workspace("/tmp/build/proj");
  scene.Coding();
  ExpectPlan("below_tmp", scene);
}

TEST(PlanGoldenTest, WorkspaceBehindALinkWithTheHostsNetworkAndTmp) {
  LinuxScene scene;
  scene.Link("/home/dev/link", "proj");
  scene.Workspace("/home/dev/link");
  scene.request.cwd = "/home/dev/link/src";
  scene.request.policy.network.mode = NetworkMode::kOpen;
  scene.request.policy.filesystem.tmp = TmpMode::kHost;
  scene.request.policy.filesystem.home = HomeMode::kReadOnly;
  scene.Coding();
  ExpectPlan("symlinked_workspace", scene);
}

}  // namespace
}  // namespace paddock
