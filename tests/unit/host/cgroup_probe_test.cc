#include "core/platform/posix/cgroup_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CgroupFactsTest : public testing::Test {
 protected:
  // `enabled` for what is made in the directory, out of `controllers`.
  void Directory(const std::string& path, const std::string& enabled, const std::string& controllers = "",
                 const std::string& processes = "1\n") const {
    tree_.File(path + "/cgroup.procs", processes);
    tree_.File(path + "/cgroup.subtree_control", enabled);
    tree_.File(path + "/cgroup.controllers", controllers);
  }
  CgroupFacts Probe(const std::string& self_cgroup, const std::string& root = "/", bool systemd = false) const {
    const MountTable mounts("31 27 0:28 " + root + " " + tree_.Dir("cg") + " rw - cgroup2 cgroup2 rw\n");
    return ProbeCgroup(self_cgroup, mounts, systemd);
  }
  TempTree tree_;
};

TEST_F(CgroupFactsTest, BelowOursWhereNothingMoreIsToBeHad) {
  Directory("cg/agent", "");
  const CgroupFacts facts = Probe("1:name=systemd:/x\n0::/agent\n");
  EXPECT_TRUE(facts.delegated.yes());
  EXPECT_EQ(facts.path, tree_.Path("cg/agent"));
  EXPECT_THAT(facts.controllers, IsEmpty());
}

TEST_F(CgroupFactsTest, BesideOursForTheSakeOfControllers) {
  Directory("cg/service", "cpuset cpu io memory hugetlb pids\n");
  Directory("cg/service/agent", "");
  const CgroupFacts facts = Probe("0::/service/agent\n");
  EXPECT_EQ(facts.path, tree_.Path("cg/service"));
  EXPECT_THAT(facts.controllers, ElementsAre("cpu", "memory", "pids"));
}

TEST_F(CgroupFactsTest, ControllersThatMayBeEnabledCountWhereNoProcessIs) {
  Directory("cg/service", "pids\n", "memory pids\n", "");
  Directory("cg/service/agent", "");
  EXPECT_THAT(Probe("0::/service/agent\n").controllers, ElementsAre("memory", "pids"));
  Directory("cg/service", "pids\n", "memory pids\n", "77\n");
  EXPECT_THAT(Probe("0::/service/agent\n").controllers, ElementsAre("pids"));
}

TEST_F(CgroupFactsTest, BelowTheFirstCgroupWhichMayHoldProcesses) {
  Directory("cg", "memory pids\n");
  const CgroupFacts facts = Probe("0::/\n");
  EXPECT_EQ(facts.path, tree_.Path("cg"));
  EXPECT_THAT(facts.controllers, ElementsAre("memory", "pids"));
}

TEST_F(CgroupFactsTest, TheMountMayShowAPartOnly) {
  Directory("cg/inner", "pids\n");
  EXPECT_EQ(Probe("0::/docker/abc/inner\n", "/docker/abc").path, tree_.Path("cg/inner"));
  EXPECT_EQ(Probe("0::/docker/abcdef\n", "/docker/abc").path, "");
}

// The parent of what the mount shows first is out of sight, whatever its name.
TEST_F(CgroupFactsTest, NothingBesideTheTopOfTheMount) {
  Directory("cg", "");
  EXPECT_EQ(Probe("0::/docker/abc\n", "/docker/abc").path, tree_.Path("cg"));
}

TEST_F(CgroupFactsTest, NotDelegatedWhereOthersOwnIt) {
  Directory("cg/system", "pids\n");
  if (geteuid() != 0) GTEST_SKIP() << "needs root to leave the directory to somebody else";
  const AsOrdinaryUser user;
  const CgroupFacts facts = Probe("0::/system\n");
  EXPECT_TRUE(facts.delegated.no());
  EXPECT_THAT(facts.delegated.source, HasSubstr("Permission denied"));
  EXPECT_EQ(facts.path, "");
}

TEST_F(CgroupFactsTest, UnderSystemdOnlyWhatIsMarked) {
  Directory("cg/scope", "memory pids\n");
  Directory("cg/scope/agent", "");
  const CgroupFacts unmarked = Probe("0::/scope/agent\n", "/", /*systemd=*/true);
  EXPECT_TRUE(unmarked.delegated.no());
  EXPECT_THAT(unmarked.delegated.source, HasSubstr("not delegated by systemd"));
  if (setxattr(tree_.Path("cg/scope").c_str(), "user.delegate", "1", 1, 0) != 0) {
    GTEST_SKIP() << "the file system of the temporary directory keeps no user attributes";
  }
  const CgroupFacts marked = Probe("0::/scope/agent\n", "/", /*systemd=*/true);
  EXPECT_TRUE(marked.delegated.yes()) << marked.delegated.source;
  EXPECT_EQ(marked.path, tree_.Path("cg/scope"));
}

TEST_F(CgroupFactsTest, NoneWithoutVersionTwo) {
  EXPECT_TRUE(Probe("4:memory:/x\n").delegated.no());
  EXPECT_TRUE(ProbeCgroup("0::/x\n", MountTable{""}, false).delegated.no());
  EXPECT_EQ(Probe("0::/../other\n").path, "");
  EXPECT_EQ(Probe("0::/gone (deleted)\n").path, "");
}

}  // namespace
}  // namespace paddock
