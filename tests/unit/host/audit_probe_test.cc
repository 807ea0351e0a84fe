#include "core/platform/posix/audit_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/unique_fd.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AuditProbeTest : public testing::Test {
 protected:
  AuditProbeTest() {
    inputs_.trees = {tree_.Dir("ws")};
    inputs_.root = tree_.Dir("root");
  }
  audit::Observations Observe() const { return ObserveForAudit(inputs_); }

  RepositoryFacts Repository() const {
    RepositoryFacts repository;
    repository.root = tree_.Path("ws");
    repository.git_dir = repository.common_dir = tree_.Path("ws/.git");
    return repository;
  }
  // "core.pager", "filter.x.clean -> /tools/clean", "remote.origin.url (password)", sorted as the file has them.
  std::vector<std::string> Settings(absl::string_view config) {
    tree_.GitDir("ws/.git");
    tree_.File("ws/.git/config", config);
    inputs_.repositories = {Repository()};
    std::vector<std::string> settings;
    for (const audit::GitSetting& setting : Observe().git_settings.kept) {
      const std::string runs =
          setting.runs.empty() ? "" : absl::StrCat(" -> ", setting.runs.substr(tree_.Path("ws").size()));
      settings.push_back(absl::StrCat(setting.key, runs, setting.password ? " (password)" : ""));
    }
    return settings;
  }

  TempTree tree_;
  AuditInputs inputs_;
};

TEST_F(AuditProbeTest, TreesInsideTreesAreWalkedOnce) {
  tree_.File("ws/sub/.env", "A=1\n");
  inputs_.trees = {tree_.Path("ws/sub"), tree_.Path("ws"), tree_.Path("ws")};
  const audit::Observations seen = Observe();
  EXPECT_EQ(seen.trees.size(), 1u);
  EXPECT_EQ(seen.secrets.count, 1u);
  EXPECT_EQ(seen.trees.front().chain.front().path, "/");
  EXPECT_EQ(seen.trees.front().chain.back().path, tree_.Path("ws"));
}

TEST_F(AuditProbeTest, GitConfigurationThatNamesPrograms) {
  EXPECT_THAT(Settings("[core]\n\tbare = false\n\teditor = vim\n\tfsmonitor = true\n"), ElementsAre("core.editor"));
  EXPECT_THAT(Settings("[core]\n\tfsmonitor = ./monitor.sh\n"), ElementsAre("core.fsmonitor -> /monitor.sh"));
  EXPECT_THAT(Settings("[filter \"x\"]\n\tclean = tools/clean %f\n\trequired = true\n"),
              ElementsAre("filter.x.clean -> /tools/clean"));
  EXPECT_THAT(Settings("[alias]\n\tco = checkout\n\tx = !sh -c true\n"), ElementsAre("alias.x"));
  EXPECT_THAT(Settings("[remote \"o\"]\n\turl = ext::sh -c x\n\tfetch = +refs/*\n"), ElementsAre("remote.o.url"));
  EXPECT_THAT(Settings("[filter \"lfs\"]\n\tclean = git-lfs clean -- %f\n"), ElementsAre("filter.lfs.clean"));
  EXPECT_THAT(Settings("[user]\n\tname = X\n"), IsEmpty());
}

TEST_F(AuditProbeTest, PasswordsInAddresses) {
  EXPECT_THAT(Settings("[remote \"origin\"]\n\turl = https://me:word@example.org/x\n"),
              ElementsAre("remote.origin.url (password)"));
  EXPECT_THAT(Settings("[url \"https://me:word@example.org/\"]\n\tinsteadOf = gh:\n"),
              ElementsAre("url.insteadof (password)"));
  for (const char* const address :
       {"https://example.org/x", "https://me@example.org/x", "git@example.org:x/y:z", "ssh://git@example.org:22/x",
        "https://me:@example.org/x", "https://example.org/a:b@c"}) {
    EXPECT_THAT(Settings(absl::StrCat("[remote \"origin\"]\n\turl = ", address, "\n")), IsEmpty()) << address;
  }
}

// Its end may lie anywhere: git would follow it, the audit does not.
TEST_F(AuditProbeTest, AConfigurationThatIsALinkIsNotRead) {
  tree_.File("elsewhere", "[core]\n\teditor = vim\n");
  tree_.GitDir("ws/.git");
  ASSERT_EQ(unlink(tree_.Path("ws/.git/config").c_str()), 0);
  tree_.Link("ws/.git/config", tree_.Path("elsewhere"));
  inputs_.repositories = {Repository()};
  EXPECT_THAT(Observe().git_settings.kept, IsEmpty());
}

TEST_F(AuditProbeTest, GroupsByTheirMembers) {
  tree_.File("root/etc/passwd",
             "dev:x:1000:1000::/home/dev:/bin/sh\nann:x:1001:100::/:/bin/sh\nbob:x:1002:100::/:/bin/sh\n");
  tree_.File("root/etc/group", "dev:x:1000:\nusers:x:100:\nteam:x:200:dev,ann\nalone:x:300:dev\n");
  const auto shared = [&](gid_t group) -> Tri {
    const std::string file = tree_.File("ws/file");
    if (chown(file.c_str(), static_cast<uid_t>(-1), group) != 0) return Tri::kUnknown;
    EXPECT_EQ(chmod(file.c_str(), 0664), 0);
    return Observe().group_shared.at(group).value;
  };
  if (geteuid() != 0) GTEST_SKIP() << "needs root to give a file to any group";
  EXPECT_EQ(shared(1000), Tri::kNo);
  EXPECT_EQ(shared(300), Tri::kNo);
  EXPECT_EQ(shared(200), Tri::kYes);
  EXPECT_EQ(shared(100), Tri::kYes);  // the first group of two accounts
  EXPECT_EQ(shared(4711), Tri::kUnknown);
}

TEST_F(AuditProbeTest, SocketsThatExist) {
  const std::string path = tree_.Path("s");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, path.c_str());
  const UniqueFd socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string link = tree_.Link("link", "s");
  inputs_.sockets = {path, link, tree_.File("file"), tree_.Path("missing"), "relative", path};
  const audit::Observations seen = Observe();
  ASSERT_EQ(seen.sockets.size(), 2u);
  EXPECT_EQ(seen.sockets[0].path, link);
  EXPECT_EQ(seen.sockets[0].real_path, path);
  EXPECT_TRUE(seen.sockets[1].permitted);
}

TEST_F(AuditProbeTest, TheSearchPathAsItStands) {
  const std::string bin = tree_.Dir("bin");
  inputs_.search_path = absl::StrCat(bin, "::node_modules/.bin:", tree_.Path("missing"));
  const audit::Observations seen = Observe();
  ASSERT_EQ(seen.search_path.size(), 4u);
  EXPECT_EQ(seen.search_path[0].place.real_path, bin);
  EXPECT_EQ(seen.search_path[1].text, "");
  EXPECT_EQ(seen.search_path[2].text, "node_modules/.bin");
  EXPECT_EQ(seen.search_path[3].place.real_path, "");
  EXPECT_EQ(seen.search_path[3].place.chain.back().path, tree_.root());
  inputs_.search_path.clear();
  EXPECT_THAT(Observe().search_path, IsEmpty());
}

TEST_F(AuditProbeTest, TheWayOfAPlaceLeadsThroughItsLinks) {
  tree_.File("real/policy.toml");
  tree_.Link("config", "real");
  inputs_.own_files = {{"policy", tree_.Path("config/policy.toml"), false}};
  std::vector<std::string> ends;
  const audit::Observations seen = Observe();
  for (const audit::Node& node : seen.own_files.front().chain) {
    if (node.path.size() > tree_.root().size()) ends.push_back(node.path.substr(tree_.root().size()));
  }
  EXPECT_THAT(ends, ElementsAre("/config", "/real", "/real/policy.toml"));
}

TEST_F(AuditProbeTest, AnAbsentPolicyThatOnlyTightensIsNoMatter) {
  inputs_.own_files = {{"repo", tree_.Path("ws/.paddock.toml"), true},
                       {"user", tree_.Path("missing/policy.toml"), false}};
  const audit::Observations seen = Observe();
  ASSERT_EQ(seen.own_files.size(), 1u);
  EXPECT_EQ(seen.own_files.front().role, "user");
  EXPECT_EQ(seen.own_files.front().real_path, "");
}

TEST_F(AuditProbeTest, PlacesThatEverybodyMayWrite) {
  ASSERT_EQ(chmod(tree_.Dir("root/var/crash").c_str(), 01777), 0);
  ASSERT_EQ(chmod(tree_.Dir("root/data").c_str(), 0777), 0);
  tree_.Dir("root/srv/closed");
  std::vector<std::string> paths;
  for (const audit::Node& node : Observe().world_writable_places) paths.push_back(node.path);
  EXPECT_THAT(paths, ElementsAre("/data", "/var/crash"));
}

TEST_F(AuditProbeTest, StoresOfTheHomeAndAlternatesOfGit) {
  tree_.GitDir("ws/.git");
  tree_.File("ws/.git/objects/info/alternates", "/srv/mirror/objects\n../relative\n");
  const std::vector<std::string> stores = UsualLinkStores("/home/dev", {Repository()});
  EXPECT_THAT(stores, testing::Contains("/home/dev/.local/share/pnpm/store"));
  EXPECT_EQ(stores.back(), "/srv/mirror/objects");
  EXPECT_THAT(UsualLinkStores("", {}), IsEmpty());
}

}  // namespace
}  // namespace paddock
