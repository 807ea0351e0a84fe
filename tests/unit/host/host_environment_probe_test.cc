#include "core/platform/posix/host_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(KernelVersionTest, TakesTheNumbersThatTheReleaseStartsWith) {
  const struct {
    const char* release;
    int major, minor, patch;
  } kCases[] = {{"6.1.0-18-amd64", 6, 1, 0},
                {"5.15.90.1-microsoft-standard-WSL2", 5, 15, 90},
                {"6.18", 6, 18, 0},
                {"6.14-rc1", 6, 14, 0},
                {"", 0, 0, 0},
                {"six.one", 0, 0, 0},
                {"6", 0, 0, 0},
                {"99999999999.1.1", 0, 0, 0}};
  for (const auto& test : kCases) {
    const KernelVersion version = ParseKernelVersion(test.release);
    EXPECT_EQ(version.major, test.major) << test.release;
    EXPECT_EQ(version.minor, test.minor) << test.release;
    EXPECT_EQ(version.patch, test.patch) << test.release;
  }
}

TEST(KernelVersionTest, ComparesMajorBeforeMinor) {
  const KernelVersion version{6, 1, 0};
  EXPECT_TRUE(version.AtLeast(5, 19));
  EXPECT_TRUE(version.AtLeast(6, 1));
  EXPECT_FALSE(version.AtLeast(6, 2));
  EXPECT_FALSE(version.AtLeast(7, 0));
}

TEST(OsNameTest, PrettyNameElseNameAndVersion) {
  const TempTree debian, plain, none;
  debian.File("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  plain.File("usr/lib/os-release", "NAME=Small\nVERSION_ID='3'\n");
  EXPECT_EQ(OsName(debian.root()), "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(OsName(plain.root()), "Small 3");
  EXPECT_EQ(OsName(none.root()), "");
}

TEST(WslVersionTest, ByTheKernelsRelease) {
  const MountTable none{""};
  EXPECT_EQ(WslVersion("4.4.0-19041-Microsoft", none).value, 1);
  EXPECT_EQ(WslVersion("5.15.90.1-microsoft-standard-WSL2", none).value, 2);
  EXPECT_EQ(WslVersion("5.4.72-microsoft-standard", none).value, 2);
  EXPECT_EQ(WslVersion("6.1.0-18-amd64", none).value, 0);
}

TEST(WslVersionTest, AKernelOfTheUsersOwnIsKnownByInterop) {
  const TempTree tree;
  tree.File("binfmt/WSLInterop");
  const MountTable with{"1 0 0:1 / " + tree.Path("binfmt") + " rw - binfmt_misc none rw\n"};
  const MountTable without{"1 0 0:1 / " + tree.Dir("other") + " rw - binfmt_misc none rw\n"};
  EXPECT_EQ(WslVersion("6.6.0-custom", with).value, 2);
  EXPECT_EQ(WslVersion("6.6.0-custom", without).value, 0);
}

TEST(ContainerHintsTest, NamesEachSign) {
  const TempTree tree;
  tree.File(".dockerenv");
  tree.File("run/.containerenv");
  EXPECT_THAT(ContainerHints(tree.root(), "0::/kubepods/burstable/pod1\n", {{"container", "podman"}}),
              ElementsAre("/.dockerenv", "/run/.containerenv", "cgroup:kubepods", "env:container=podman"));
}

TEST(ContainerHintsTest, NoneOnAnOrdinaryHost) {
  const TempTree tree;
  EXPECT_THAT(ContainerHints(tree.root(), "0::/user.slice/user-1000.slice\n", {{"HOME", "/home/dev"}}), IsEmpty());
}

TEST(OverlayTest, NeedsTheKernelAndTheFileSystem) {
  const TempTree with, without, module;
  with.File("filesystems", "nodev\tsysfs\nnodev\toverlay\n");
  without.File("filesystems", "nodev\tsysfs\nnodev\tnot-overlay\n");
  module.Dir("sys/module/overlay");
  EXPECT_TRUE(OverlayInUserns({5, 11, 0}, with.root(), with.root()).yes());
  EXPECT_TRUE(OverlayInUserns({5, 10, 0}, with.root(), with.root()).no());
  EXPECT_TRUE(OverlayInUserns({6, 1, 0}, without.root(), without.root()).unknown());
  EXPECT_TRUE(OverlayInUserns({6, 1, 0}, without.root(), module.root()).yes());
}

constexpr char kSockets[] =
    "Num       RefCount Protocol Flags    Type St Inode Path\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 100 /run/docker.sock\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 101 /run/docker.sock\n"
    "0000000000000000: 00000002 00000000 00010000 0005 01 102 /run/udev/control\n"
    "0000000000000000: 00000002 00000000 00000000 0002 01 103 /run/systemd/journal/dev-log\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 104 /run/only-connected\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 105 @/tmp/.X11-unix/X0\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 106 /run/user/1000/with blank /x\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 107 relative\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 108\n"
    "injected /line\n";

TEST(SocketPathsTest, KeepsWhatCanBeReachedByPath) {
  EXPECT_THAT(SocketPaths(kSockets), ElementsAre("/run/docker.sock", "/run/systemd/journal/dev-log",
                                                 "/run/udev/control", "/run/user/1000/with blank /x"));
}

}  // namespace
}  // namespace paddock
