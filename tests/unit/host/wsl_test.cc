#include "core/host/wsl.h"

#include <gtest/gtest.h>

#include "core/host/predicates.h"

namespace paddock {
namespace {

WslDistribution Wsl2(const std::string& name, bool is_default = false) {
  WslDistribution distribution;
  distribution.name = name;
  distribution.version.value = 2;
  distribution.installed = Yes("");
  distribution.is_default = is_default;
  return distribution;
}

WslDistribution Bare(const std::string& name, bool is_default = false) {
  WslDistribution distribution = Wsl2(name, is_default);
  distribution.landlock = distribution.user_namespaces = distribution.bubblewrap = No("");
  return distribution;
}

std::string Chosen(const std::vector<WslDistribution>& all, const std::string& named = "",
                   const std::string& workspace_in = "") {
  Request request;
  request.policy.backend.wsl_distribution = named;
  Facts facts;
  facts.host.windows_host.distributions = all;
  if (!workspace_in.empty()) {
    facts.workspace.location = WorkspaceLocation::kWslDistribution;
    facts.workspace.wsl_distribution = workspace_in;
  }
  const WslDistribution* found = WslDistributionFor(request, facts);
  return found == nullptr ? "" : found->name;
}

TEST(WslTest, ProductsOwnDistributionsAreToldByName) {
  for (const char* const name :
       {"docker-desktop", "docker-desktop-data", "Docker-Desktop", "rancher-desktop", "rancher-desktop-data",
        "podman-machine-default", "podman-machine-x", "lima-finch", "podman-net-usermode", "wsl-vpnkit"}) {
    EXPECT_NE(ProductOfDistribution(name), "") << name;
  }
  for (const char* const name : {"Ubuntu", "Debian", "docker", "my-docker-desktop", "podman", "docker-desktop2"}) {
    EXPECT_EQ(ProductOfDistribution(name), "") << name;
  }
}

TEST(WslTest, NamesThatWslExeTakesAsOneWord) {
  for (const char* const name : {"Ubuntu", "Ubuntu-24.04", "a_b", "x"}) EXPECT_TRUE(IsDistributionName(name)) << name;
  const std::string longest(64, 'a'), too_long(65, 'a');
  EXPECT_TRUE(IsDistributionName(longest));
  for (const std::string name : {"", "-d", "a b", "a\"b", "a\\b", "a;b", "\xc3\xa9", too_long.c_str()}) {
    EXPECT_FALSE(IsDistributionName(name)) << name;
  }
}

TEST(WslTest, NamedThenDefaultThenFirstThatQualifies) {
  const std::vector<WslDistribution> two = {Wsl2("Alpine"), Wsl2("Ubuntu", true)};
  EXPECT_EQ(Chosen(two), "Ubuntu");
  EXPECT_EQ(Chosen(two, "alpine"), "Alpine");
  EXPECT_EQ(Chosen(two, "Fedora"), "");
  EXPECT_EQ(Chosen({Wsl2("Alpine"), Wsl2("Ubuntu")}), "Alpine");
  EXPECT_EQ(Chosen({}), "");
}

TEST(WslTest, TheWorkspacesDistributionComesFirst) {
  EXPECT_EQ(Chosen({Wsl2("Alpine"), Wsl2("Ubuntu", true)}, "Ubuntu", "ALPINE"), "Alpine");
  EXPECT_EQ(Chosen({Wsl2("Ubuntu", true)}, "", "Alpine"), "");
}

TEST(WslTest, ForeignWsl1AndBareOnesArePassedOver) {
  WslDistribution wsl1 = Wsl2("Old", true);
  wsl1.version.value = 1;
  EXPECT_EQ(Chosen({Wsl2("docker-desktop", true), Wsl2("Ubuntu")}), "Ubuntu");
  EXPECT_EQ(Chosen({Wsl2("docker-desktop", true)}), "");
  EXPECT_EQ(Chosen({wsl1, Wsl2("Ubuntu")}), "Ubuntu");
  EXPECT_EQ(Chosen({Bare("Alpine", true), Wsl2("Ubuntu")}), "Ubuntu");
  EXPECT_EQ(Chosen({Bare("Alpine", true)}), "Alpine") << "to be told why it will not do";
  EXPECT_EQ(Chosen({Wsl2("two words", true), Wsl2("Ubuntu")}), "Ubuntu");
  EXPECT_EQ(Chosen({Wsl2("Ubuntu"), Wsl2("docker-desktop", true)}, "docker-desktop"), "docker-desktop");
}

TEST(WslTest, WhichRequestsAreWorthAsking) {
  const auto may = [](void (*change)(Request&)) {
    Request request;
    request.workspace = "C:\\Users\\dev\\app";
    change(request);
    return MayUseWsl2(request);
  };
  EXPECT_FALSE(may([](Request&) {}));
  EXPECT_TRUE(may([](Request& r) { r.policy.command_os = CommandOs::kAny; }));
  EXPECT_TRUE(may([](Request& r) { r.policy.command_os = CommandOs::kLinux; }));
  EXPECT_TRUE(may([](Request& r) { r.policy.backend.prefer = Prefer::kIsolation; }));
  EXPECT_TRUE(may([](Request& r) { r.policy.backend.forced = "wsl2"; }));
  EXPECT_TRUE(may([](Request& r) { r.workspace = "\\\\wsl.localhost\\Debian\\home\\dev\\app"; }));
  EXPECT_FALSE(may([](Request& r) {
    r.policy.command_os = CommandOs::kAny;
    r.policy.backend.forced = "windows_token";
  }));
  EXPECT_FALSE(may([](Request& r) {
    r.policy.command_os = CommandOs::kAny;
    r.policy.backend.allow = {"windows_token"};
  }));
  EXPECT_FALSE(may([](Request& r) {
    r.policy.command_os = CommandOs::kAny;
    r.policy.workload = Workload::kComputerUse;
  }));
}

}  // namespace
}  // namespace paddock
