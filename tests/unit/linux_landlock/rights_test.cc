#include "backends/linux_landlock/launch_rights.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RightsTest : public ::testing::Test {
 protected:
  std::vector<std::string> PathsOf(const LandlockRule& rule) const {
    std::vector<std::string> paths;
    for (const RulePath& path : ExpandRule(rule)) paths.push_back(path.path.substr(tree_.root().size()));
    return paths;
  }
  LandlockRule ReadAll(const std::vector<std::string>& except) const {
    LandlockRule rule = {tree_.root(), LandlockGrant::kRead};
    for (const std::string& path : except) rule.except.push_back(tree_.Path(path));
    return rule;
  }
  TempTree tree_;
};

TEST_F(RightsTest, ARuleThatLeavesNothingOutIsItsOwnPath) { EXPECT_THAT(PathsOf(ReadAll({})), ElementsAre("")); }

TEST_F(RightsTest, WhatStandsBesideTheWayIsAllowedOneByOne) {
  tree_.File("home/.ssh/id");
  tree_.File("home/.profile");
  tree_.File("home/src/a/b");
  tree_.Dir("usr");
  EXPECT_THAT(PathsOf(ReadAll({"home/.ssh"})), UnorderedElementsAre("/home/.profile", "/home/src", "/usr"));
  EXPECT_THAT(PathsOf(ReadAll({"home/.ssh", "home/src/a"})), UnorderedElementsAre("/home/.profile", "/usr"));
  EXPECT_THAT(PathsOf(ReadAll({""})), IsEmpty());
}

TEST_F(RightsTest, WhatIsNotThereYetIsLeftOutToo) {
  tree_.File("home/other");
  EXPECT_THAT(PathsOf(ReadAll({"home/.ssh/later"})), UnorderedElementsAre("/home/other"));
}

TEST_F(RightsTest, LinksAndSocketsCarryNoRule) {
  tree_.File("secret");
  tree_.Link("to-secret", "secret");
  tree_.File("file");
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = tree_.Path("socket");
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_THAT(PathsOf(ReadAll({"secret"})), ElementsAre("/file"));
  close(listener);
}

TEST_F(RightsTest, AFileIsTold) {
  tree_.File("a/file");
  tree_.File("a/out");
  const auto paths = ExpandRule(ReadAll({"a/out"}));
  ASSERT_EQ(paths.size(), 1u);
  EXPECT_FALSE(paths[0].directory);
  EXPECT_TRUE(paths[0].optional);
}

TEST_F(RightsTest, AnOptionalPathThatIsGoneIsNone) {
  LandlockRule rule = {tree_.Path("gone"), LandlockGrant::kRead};
  rule.optional = true;
  EXPECT_THAT(ExpandRule(rule), IsEmpty());
}

}  // namespace
}  // namespace paddock
