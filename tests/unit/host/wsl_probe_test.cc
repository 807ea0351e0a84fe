#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/platform/posix/host_environment.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kMounts[] =
    "1 0 0:1 / / rw - ext4 /dev/sdc rw\n"
    "2 1 0:2 / /mnt/d rw,noatime - 9p D:\\134 rw,dirsync,aname=drvfs;path=D:\\;uid=1000;symlinkroot=/mnt/,trans=fd\n"
    "3 1 0:3 / /mnt/c rw,noatime - 9p drvfs rw,aname=drvfs;path=C:\\;uid=1000,trans=virtio\n"
    "4 1 0:4 / /home/me/share rw - drvfs none rw,aname=drvfs;path=UNC\\server\\my\\040files;uid=0\n"
    "5 1 0:5 / /mnt/e rw - virtiofs drvfsaE rw\n"
    "6 1 0:6 / /usr/lib/wsl/drivers ro - 9p drivers ro,aname=drivers;fmask=222\n"
    "7 1 0:7 / /mnt/wslg rw - tmpfs none rw\n";

TEST(WslFactsTest, VolumesOfWindowsByMountPoint) {
  const TempTree root;
  const WslFacts facts = ReadWslFacts(MountTable(kMounts), root.root());
  EXPECT_EQ(facts.automount, "/mnt");
  EXPECT_THAT(facts.mounts,
              ElementsAre(WindowsMount{"/home/me/share", "\\\\server\\my files", "drvfs"},
                          WindowsMount{"/mnt/c", "C:\\", "9p"}, WindowsMount{"/mnt/d", "D:\\", "9p"},
                          WindowsMount{"/mnt/e", "", "virtiofs"}, WindowsMount{"/usr/lib/wsl/drivers", "", "9p"}));
}

TEST(WslFactsTest, AutomountRootIsThatOfWslConf) {
  const struct {
    absl::string_view text, root;
  } kCases[] = {
      {"[automount]\nroot = /windir/\n", "/windir"},
      {"[network]\nroot = /no\n[AutoMount]\n Root=\"/win\"\n", "/win"},
      {"[automount]\nroot = relative\n", "/mnt"},
      {"[automount]\nenabled = true\n[user]\nroot=/no\n", "/mnt"},
      {"", "/mnt"},
  };
  for (const auto& test : kCases) {
    const TempTree root;
    root.File("etc/wsl.conf", std::string(test.text));
    EXPECT_EQ(ReadWslFacts(MountTable(""), root.root()).automount, test.root) << test.text;
  }
}

TEST(WslFactsTest, InteropIsWhatWslRegistersAndNoOtherHandler) {
  const TempTree tree;
  tree.File("binfmt/register");
  tree.File("binfmt/status", "enabled\n");
  tree.File("binfmt/wine", "enabled\ninterpreter /usr/bin/wine\nflags: \noffset 0\nmagic 4d5a\n");
  const std::string table = "1 0 0:1 / " + tree.Path("binfmt") + " rw - binfmt_misc none rw\n";
  EXPECT_TRUE(ReadWslFacts(MountTable(table), tree.root()).interop.no());
  EXPECT_THAT(ReadWslFacts(MountTable(table), tree.root()).interpreters, IsEmpty());

  tree.File("binfmt/WSLInterop-late", "disabled\ninterpreter /opt/late\nflags: PF\noffset 0\nmagic 4d5a\n");
  tree.File("binfmt/own", "enabled\ninterpreter /init\nflags: P\noffset 0\nmagic 4d5a\n");
  const WslFacts facts = ReadWslFacts(MountTable(table), tree.root());
  EXPECT_TRUE(facts.interop.yes());
  EXPECT_THAT(facts.interpreters, ElementsAre("/init", "/opt/late"));
}

// What no mount shows may be in force all the same: the kernel's table is not this namespace's.
TEST(WslFactsTest, InteropThatCannotBeLookedUpIsUnknownAndCountsAsThere) {
  const TempTree root;
  const WslFacts facts = ReadWslFacts(MountTable(""), root.root());
  EXPECT_TRUE(facts.interop.unknown());
  EXPECT_THAT(facts.interpreters, ElementsAre("/init"));
}

}  // namespace
}  // namespace paddock
