#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform/posix/mount_table.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kDesktop[] =
    "22 27 0:21 / /proc rw,nosuid - proc proc rw\n"
    "23 22 0:30 / /proc/sys/fs/binfmt_misc rw shared:5 - autofs systemd-1 rw,fd=29\n"
    "24 23 0:31 / /proc/sys/fs/binfmt_misc rw shared:6 master:2 - binfmt_misc binfmt_misc rw\n"
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
    "40 27 8:1 /sub /home/dev/with\\040blank\\134 rw - btrfs /dev/sda1 rw,subvol=/sub\n"
    "41 40 0:50 / /home/dev/with\\040blank\\134/cache rw - tmpfs tmpfs rw\n";

constexpr char kContainer[] =
    "700 600 0:90 / / rw,relatime - overlay overlay rw\n"
    "701 700 0:91 / /proc rw,nosuid - proc proc rw\n"
    "702 701 0:91 /sys /proc/sys ro,nosuid - proc proc rw\n"
    "703 701 0:92 / /proc/kcore rw - tmpfs tmpfs rw\n";

TEST(MountTableTest, ReadsFieldsAndUnescapesMountPoints) {
  const MountTable table{kDesktop};
  ASSERT_EQ(table.entries().size(), 6u);
  EXPECT_EQ(table.entries()[4].mount_point, "/home/dev/with blank\\");
  EXPECT_EQ(table.entries()[4].type, "btrfs");
  EXPECT_EQ(table.entries()[4].source, "/dev/sda1");
  EXPECT_EQ(table.entries()[4].root, "/sub");
  EXPECT_EQ(table.entries()[4].super_options, "rw,subvol=/sub");
  EXPECT_EQ(table.entries()[2].parent, 23u);
  EXPECT_EQ(table.entries()[2].type, "binfmt_misc");
}

// A mask covers one path, so that planning asks where else the file can be seen.
TEST(MountTableTest, FindsTheSameFileThroughOtherMounts) {
  const MountTable table{
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "2 1 8:1 /home/dev /workspace rw - ext4 /dev/sda1 rw\n"
      "3 1 8:1 /home/other /other rw - ext4 /dev/sda1 rw\n"
      "4 1 8:2 / /backup rw - ext4 /dev/sdb1 rw\n"
      "5 1 8:1 /home/dev /hidden rw - ext4 /dev/sda1 rw\n"
      "6 5 0:40 / /hidden rw - tmpfs tmpfs rw\n"};
  EXPECT_THAT(table.AliasesOf("/home/dev/.ssh"), ElementsAre("/workspace/.ssh"));
  EXPECT_THAT(table.AliasesOf("/workspace/.ssh"), ElementsAre("/home/dev/.ssh"));
  EXPECT_THAT(table.AliasesOf("/backup/x"), ElementsAre());
}

TEST(MountTableTest, KeepsWorkingViewsWhenMoved) {
  MountTable first{kDesktop};
  const MountTable second = std::move(first);
  EXPECT_EQ(second.entries()[3].type, "ext4");
}

TEST(MountTableTest, LeavesOutLinesThatAreNone) {
  const MountTable table{"\nnonsense\n1 2\n-1 x / /\n5 1 0:1 / /ok rw - tmpfs tmpfs rw\n6 1 0:1 / /half"};
  ASSERT_EQ(table.entries().size(), 1u);
  EXPECT_EQ(table.entries()[0].mount_point, "/ok");
}

TEST(MountTableTest, ListsMountPointsOnceAndSorted) {
  const MountTable table{kDesktop};
  EXPECT_THAT(table.MountPoints(), ElementsAre("/", "/home/dev/with blank\\", "/home/dev/with blank\\/cache", "/proc",
                                               "/proc/sys/fs/binfmt_misc"));
}

TEST(MountTableTest, BelowMeansStrictlyBelowAndByComponent) {
  const MountTable table{
      "1 0 0:1 / / rw - ext4 a rw\n2 1 0:2 / /ws rw - ext4 b rw\n3 2 0:3 / /ws/a rw - tmpfs c rw\n"
      "4 1 0:4 / /ws2 rw - tmpfs d rw\n"};
  EXPECT_THAT(table.MountPointsBelow("/ws"), ElementsAre("/ws/a"));
  EXPECT_THAT(table.MountPointsBelow("/"), ElementsAre("/ws", "/ws/a", "/ws2"));
}

TEST(MountTableTest, FindsTheTopmostMountOfAPath) {
  const MountTable table{kDesktop};
  EXPECT_EQ(table.FindByPath("/home/dev/with blank\\/cache/x")->id, 41u);
  EXPECT_EQ(table.FindByPath("/home/dev")->id, 27u);
  EXPECT_EQ(table.FindByPath("/proc/sys/fs/binfmt_misc")->id, 24u);
  EXPECT_EQ(table.FindById(40)->type, "btrfs");
  EXPECT_EQ(table.FindById(4000), nullptr);
  EXPECT_EQ(MountTable("").FindByPath("/"), nullptr);
}

TEST(UnescapeMountTest, TakesOctalAndLeavesTheRest) {
  EXPECT_EQ(UnescapeMount("a\\011b\\012c\\134d\\043"), "a\tb\nc\\d#");
  EXPECT_EQ(UnescapeMount("\\9\\08\\"), "\\9\\08\\");
}

TEST(FreshProcTest, AllowedWhereOnlyEmptyDirectoriesAreCovered) {
  EXPECT_TRUE(FreshProcAllowed(MountTable{kDesktop}).yes());
}

TEST(FreshProcTest, RefusedInAContainerThatMasksPartsOfProc) {
  const Fact fact = FreshProcAllowed(MountTable{kContainer});
  EXPECT_TRUE(fact.no());
  EXPECT_THAT(fact.source, HasSubstr("/proc/sys"));
}

TEST(FreshProcTest, OneUncoveredProcSuffices) {
  EXPECT_TRUE(
      FreshProcAllowed(MountTable{std::string(kContainer) + "800 700 0:91 / /mnt/proc rw - proc proc rw\n"}).yes());
}

TEST(FreshProcTest, AReadOnlyOrPartialProcDoesNotCount) {
  EXPECT_TRUE(FreshProcAllowed(MountTable{"1 0 0:1 / /proc ro - proc proc rw\n"}).no());
  EXPECT_TRUE(FreshProcAllowed(MountTable{"1 0 0:1 / /proc rw - proc proc rw,subset=pid\n"}).no());
  EXPECT_TRUE(FreshProcAllowed(MountTable{"1 0 0:1 /sys /proc/sys rw - proc proc rw\n"}).no());
}

TEST(FreshProcTest, UnknownWithoutATable) { EXPECT_TRUE(FreshProcAllowed(MountTable{""}).unknown()); }

}  // namespace
}  // namespace paddock
