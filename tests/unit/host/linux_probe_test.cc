#include "core/platform/posix/linux_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/platform/posix/lease.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;

TEST(LinuxProbeTest, ReadsTheHostThatItIsShown) {
  const TempTree root, proc;
  proc.File("self/mountinfo", "1 0 0:1 / /proc rw - proc proc rw\n2 0 0:2 / / rw - ext4 x rw\n");
  proc.File("self/cgroup", "0::/x\n");
  proc.File("net/unix",
            "Num RefCount Protocol Flags Type St Inode Path\n"
            "0: 00000002 00000000 00010000 0001 01 100 /run/docker.sock\n");
  proc.File("self/ns/user");
  proc.File("sys/user/max_user_namespaces", "0\n");
  root.File("etc/os-release", "PRETTY_NAME=\"Ubuntu 24.04\"\n");
  root.Dir("mnt/wslg");
  ProbeInputs inputs;
  inputs.proc_root = proc.root();
  inputs.root = root.root();
  inputs.kernel_release = "5.15.90.1-microsoft-standard-WSL2";
  inputs.bubblewrap_candidates = {};
  inputs.environment = {{"HOME", "/home/dev"}, {"XDG_RUNTIME_DIR", "/run/user/1000/"}, {"container", "podman"}};
  const HostFacts facts = LinuxProbe(inputs).ProbeHost(Request());
  EXPECT_EQ(facts.os, OsFamily::kLinux);
  EXPECT_EQ(facts.os_name, "Ubuntu 24.04");
  EXPECT_EQ(facts.home, "/home/dev");
  EXPECT_FALSE(facts.architecture.empty());
  const LinuxFacts& host = facts.linux_host;
  EXPECT_EQ(host.kernel.value, "5.15.90");
  EXPECT_EQ(host.wsl_version.value, 2);
  EXPECT_TRUE(host.wslg.yes());
  EXPECT_TRUE(host.user_namespaces.no());
  EXPECT_TRUE(host.user_namespaces_via_bubblewrap.no());
  EXPECT_TRUE(host.fresh_proc.yes());
  EXPECT_TRUE(host.pid_max_per_namespace.no());
  EXPECT_TRUE(host.cgroup_delegated.no());
  EXPECT_EQ(host.bubblewrap.path, "");
  EXPECT_THAT(host.container_hints, ElementsAre("env:container=podman"));
  EXPECT_THAT(host.socket_paths, ElementsAre("/run/docker.sock"));
  EXPECT_THAT(host.mount_points, ElementsAre("/", "/proc"));
  EXPECT_EQ(host.runtime_dir, "/run/user/1000");
  EXPECT_EQ(host.uid, static_cast<int64_t>(geteuid()));
}

TEST(LinuxProbeTest, AHostThatShowsNothingIsUnknownOrLess) {
  const TempTree empty;
  ProbeInputs inputs;
  inputs.proc_root = inputs.root = empty.root();
  inputs.kernel_release = "unheard-of";
  inputs.environment = {{"HOME", "relative"}, {"XDG_RUNTIME_DIR", ""}};
  const HostFacts facts = LinuxProbe(inputs).ProbeHost(Request());
  EXPECT_EQ(facts.home, "");
  EXPECT_EQ(facts.linux_host.runtime_dir, "");
  EXPECT_FALSE(facts.linux_host.kernel.known());
  EXPECT_FALSE(facts.linux_host.user_namespaces.yes());
  EXPECT_FALSE(facts.linux_host.fresh_proc.yes());
  EXPECT_FALSE(facts.linux_host.overlay_in_userns.yes());
  EXPECT_FALSE(facts.linux_host.cgroup_delegated.yes());
  EXPECT_THAT(facts.linux_host.socket_paths, IsEmpty());
}

// Every fact of this very host says where it comes from, and the whole survives its own JSON.
TEST(LinuxProbeTest, FactsOfThisHostHaveSourcesAndRoundTrip) {
  const TempTree tree;
  tree.GitDir("ws/.git");
  Request request;
  request.workspace = tree.Path("ws");
  request.write = {{request.workspace, false, ".", {}}};
  ProbeInputs inputs;
  inputs.environment = {{"HOME", tree.Dir("home")}};
  const LinuxProbe probe(inputs);
  Facts facts;
  facts.host = probe.ProbeHost(Request());
  absl::StatusOr<WorkspaceFacts> workspace = probe.ProbeWorkspace(request);
  ASSERT_TRUE(workspace.ok()) << workspace.status();
  facts.workspace = *std::move(workspace);
  facts.leases = probe.ProbeLeases(request);
  const LinuxFacts& host = facts.host.linux_host;
  const WorkspaceFacts& seen = facts.workspace;
  for (const Fact* fact : {&host.seccomp, &host.user_namespaces, &host.user_namespaces_via_bubblewrap, &host.fresh_proc,
                           &host.overlay_in_userns, &host.mount_setattr, &host.idmapped_mounts,
                           &host.pid_max_per_namespace, &host.cgroup_delegated, &host.bubblewrap.trusted, &host.wslg,
                           &seen.case_insensitive, &seen.read_only, &seen.empty}) {
    EXPECT_FALSE(fact->source.empty());
  }
  EXPECT_TRUE(host.kernel.known());
  EXPECT_THAT(host.mount_points, Contains("/"));
  const Json json = ToJson(facts);
  const absl::StatusOr<Facts> back = FactsFromJson(json, "facts");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ToJson(*back), json);
}

TEST(LinuxProbeTest, LooksAtTheLandmarks) {
  Request request;
  const WorkspaceFacts facts = LinuxProbe(ProbeInputs{}).ProbeWorkspace(request).value();
  for (const char* landmark : kLinuxLandmarks) EXPECT_THAT(facts.paths, Contains(Key(landmark)));
}

TEST(LinuxProbeTest, StateDirectoryByXdg) {
  ProbeInputs inputs;
  Request request;
  EXPECT_EQ(LinuxProbe(inputs).ProbeLeases(request).state_dir, "");
  inputs.environment = {{"HOME", "/home/dev"}};
  EXPECT_EQ(LinuxProbe(inputs).ProbeLeases(request).state_dir, "/home/dev/.local/state/paddock");
  inputs.environment["XDG_STATE_HOME"] = "/var/state";
  EXPECT_EQ(LinuxProbe(inputs).ProbeLeases(request).state_dir, "/var/state/paddock");
  EXPECT_EQ(LinuxProbe(inputs).ProbeLeases(request).key, "");
}

TEST(LinuxProbeTest, LeasesAreKeyedByWhatTheWorkspaceIsNotByItsName) {
  const TempTree tree;
  Request direct, aliased;
  direct.workspace = tree.Dir("ws");
  aliased.workspace = tree.Link("alias", "ws");
  const LinuxProbe probe{ProbeInputs{}};
  struct stat status = {};
  ASSERT_EQ(stat(direct.workspace.c_str(), &status), 0);
  EXPECT_EQ(probe.ProbeLeases(direct).key, LeaseKey(status.st_dev, status.st_ino));
  EXPECT_EQ(probe.ProbeLeases(aliased).key, probe.ProbeLeases(direct).key);
}

}  // namespace
}  // namespace paddock
