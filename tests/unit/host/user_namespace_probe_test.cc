#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/platform/posix/bubblewrap_lookup.h"
#include "core/platform/posix/landlock_abi.h"
#include "core/platform/posix/user_namespace_facts.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::HasSubstr;

// An ordinary user on Debian 12.
UserNamespaceInputs Debian() {
  UserNamespaceInputs inputs;
  inputs.built_in = true;
  inputs.max_user_namespaces = 30000;
  inputs.unprivileged_clone = 1;
  inputs.bubblewrap_trusted = true;
  return inputs;
}

UserNamespaceInputs Ubuntu() {
  UserNamespaceInputs inputs = Debian();
  inputs.apparmor_restrict = 1;
  inputs.apparmor_label = "unconfined";
  inputs.bubblewrap_profile = true;
  return inputs;
}

TEST(UserNamespaceTest, AllowedOnAnOrdinaryHost) {
  EXPECT_TRUE(DecideUserNamespaces(Debian()).direct.yes());
  EXPECT_TRUE(DecideUserNamespaces(Debian()).via_bubblewrap.yes());
}

TEST(UserNamespaceTest, EachSwitchAloneRefuses) {
  UserNamespaceInputs inputs = Debian();
  inputs.built_in = false;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.no());

  inputs = Debian();
  inputs.max_user_namespaces = 0;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.no());
  EXPECT_TRUE(DecideUserNamespaces(inputs).via_bubblewrap.no());

  inputs = Debian();
  inputs.unprivileged_clone = 0;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.no());
  EXPECT_TRUE(DecideUserNamespaces(inputs).via_bubblewrap.no());

  inputs = Debian();
  inputs.filter_allows = false;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.no());
  EXPECT_TRUE(DecideUserNamespaces(inputs).via_bubblewrap.no());

  inputs = Debian();
  inputs.filter_allows = true;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.yes());
}

TEST(UserNamespaceTest, AppArmorLeavesOnlyTheProfiledBubblewrap) {
  EXPECT_TRUE(DecideUserNamespaces(Ubuntu()).direct.no());
  EXPECT_THAT(DecideUserNamespaces(Ubuntu()).direct.source, HasSubstr("apparmor_restrict_unprivileged_userns"));
  EXPECT_TRUE(DecideUserNamespaces(Ubuntu()).via_bubblewrap.yes());

  UserNamespaceInputs inputs = Ubuntu();
  inputs.bubblewrap_profile = false;
  EXPECT_TRUE(DecideUserNamespaces(inputs).via_bubblewrap.unknown());
  inputs = Ubuntu();
  inputs.bubblewrap_trusted = false;
  EXPECT_TRUE(DecideUserNamespaces(inputs).via_bubblewrap.no());
  inputs = Ubuntu();
  inputs.apparmor_label = "paddock (enforce)";
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.unknown());
}

TEST(UserNamespaceTest, RootIsBoundByTheCeilingAndTheFilterAlone) {
  UserNamespaceInputs inputs = Ubuntu();
  inputs.capable = true;
  inputs.unprivileged_clone = 0;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.yes());
  inputs.max_user_namespaces = 0;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.no());
  inputs.max_user_namespaces = 1;
  inputs.filter_allows = false;
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.no());
}

TEST(UserNamespaceTest, UnreadableIsUnknown) {
  UserNamespaceInputs inputs = Debian();
  inputs.max_user_namespaces.reset();
  EXPECT_TRUE(DecideUserNamespaces(inputs).direct.unknown());
}

TEST(UserNamespaceTest, ReadsTheSwitchesOfTheHostItIsShown) {
  const TempTree proc, root;
  proc.File("self/ns/user");
  proc.File("sys/user/max_user_namespaces", "12\n");
  proc.File("sys/kernel/unprivileged_userns_clone", "0\n");
  proc.File("sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  proc.File("self/attr/current", "unconfined\n");
  root.File("etc/apparmor.d/bwrap-userns-restrict");
  const AsOrdinaryUser user;
  const UserNamespaceInputs inputs = ReadUserNamespaceInputs(proc.root(), root.root());
  EXPECT_TRUE(inputs.built_in);
  EXPECT_EQ(inputs.max_user_namespaces, 12);
  EXPECT_EQ(inputs.unprivileged_clone, 0);
  EXPECT_EQ(inputs.apparmor_restrict, 1);
  EXPECT_EQ(inputs.apparmor_label, "unconfined");
  EXPECT_TRUE(inputs.bubblewrap_profile);
  EXPECT_FALSE(inputs.capable);
}

ino_t OwnUserNamespace() {
  struct stat status = {};
  EXPECT_EQ(stat("/proc/self/ns/user", &status), 0);
  return status.st_ino;
}

// What the question to a seccomp filter rests on.
TEST(UserNamespaceTest, TheQuestionItselfMakesNoNamespace) {
  const ino_t before = OwnUserNamespace();
  errno = 0;
  EXPECT_EQ(unshare(CLONE_NEWUSER | CLONE_PARENT_SETTID), -1);
  EXPECT_TRUE(errno == EINVAL || errno == EPERM) << errno;
  EXPECT_EQ(OwnUserNamespace(), before);
}

TEST(LandlockAbiTest, IsKnownOrSaysWhyNot) {
  const Known<int> abi = LandlockAbi();
  EXPECT_FALSE(abi.source.empty());
  if (abi.known()) {
    EXPECT_GE(*abi.value, 0);
    EXPECT_LT(*abi.value, 1000);
  }
}

class BubblewrapTest : public testing::Test {
 protected:
  std::string Program(const std::string& path) const {
    std::string file = tree_.File(path, "#!/bin/false\n");
    chmod(file.c_str(), 0755);
    return file;
  }
  TempTree tree_;
};

TEST_F(BubblewrapTest, NoneFound) {
  const BubblewrapFacts facts = FindBubblewrap({tree_.Path("bin/bwrap")});
  EXPECT_EQ(facts.path, "");
  EXPECT_TRUE(facts.trusted.no());
}

// The tree lies in a directory that everybody may write, so that nothing in it can be trusted: the untouched file is
// the control for the reason given.
TEST_F(BubblewrapTest, NotTrustedBelowADirectoryThatOthersMayWrite) {
  const std::string program = Program("bin/bwrap");
  const BubblewrapFacts facts = FindBubblewrap({program});
  EXPECT_EQ(facts.path, program);
  EXPECT_TRUE(facts.trusted.no());
  if (geteuid() == 0) {
    EXPECT_THAT(facts.trusted.source, HasSubstr("can be written by others than root"));
  }
}

TEST_F(BubblewrapTest, NotTrustedAsALinkOrWritableOrForeign) {
  const std::string program = Program("bin/bwrap");
  const std::string link = tree_.Link("bin/link", program);
  EXPECT_THAT(FindBubblewrap({link}).trusted.source, HasSubstr("is no regular file"));
  chmod(program.c_str(), 0775);
  if (geteuid() == 0) {
    EXPECT_THAT(FindBubblewrap({program}).trusted.source, HasSubstr(program + " can be written"));
    ASSERT_EQ(chown(program.c_str(), 1234, 1234), 0);
  }
  EXPECT_THAT(FindBubblewrap({program}).trusted.source, HasSubstr("belongs to uid"));
}

// A program of the distribution stands for bwrap: it is in the same place, with the same owner.
TEST_F(BubblewrapTest, TrustedWhereOnlyRootMayWrite) {
  struct stat status = {};
  if (lstat("/usr/bin/env", &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != 0) {
    GTEST_SKIP() << "no /usr/bin/env that belongs to root";
  }
  const BubblewrapFacts facts = FindBubblewrap({Program("bin/bwrap"), "/usr/bin/env"});
  EXPECT_EQ(facts.path, "/usr/bin/env");
  EXPECT_TRUE(facts.trusted.yes());
}

}  // namespace
}  // namespace paddock
