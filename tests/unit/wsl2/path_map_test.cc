#include "backends/wsl2/path_map.h"

#include <gtest/gtest.h>

#include "core/base/reason.h"

namespace paddock::wsl2 {
namespace {

WslDistribution Debian(std::map<std::string, std::string> mounts = {}) {
  WslDistribution distribution;
  distribution.name = "Debian";
  distribution.mounts = std::move(mounts);
  return distribution;
}

std::string CodeOf(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason.has_value() ? reason->code : status.ToString();
}

// The path inside, or the code of the refusal.
std::string Map(const std::string& path, const WslDistribution& distribution) {
  PathMap map(distribution);
  const auto mapped = map.ToLinux(path);
  return mapped.ok() ? *mapped : CodeOf(mapped.status());
}

std::string MapEntry(const std::string& text) {
  const WslDistribution distribution = Debian();
  PathMap map(distribution);
  const auto mapped = map.EntryToLinux(text);
  return mapped.ok() ? *mapped : CodeOf(mapped.status());
}

constexpr char kUnmappable[] = "wsl_path_unmappable";

TEST(PathMapTest, DrivesAreWhereTheDistributionMountsThem) {
  const WslDistribution usual = Debian({{"C:", "/mnt/c"}, {"D:", "/mnt/d"}});
  EXPECT_EQ(Map("C:\\Users\\dev\\app", usual), "/mnt/c/Users/dev/app");
  EXPECT_EQ(Map("c:/Users/dev/app/", usual), "/mnt/c/Users/dev/app");
  EXPECT_EQ(Map("D:\\", usual), "/mnt/d");
  EXPECT_EQ(Map("E:\\x", usual), "wsl_drive_not_mounted");
  const WslDistribution elsewhere = Debian({{"C:", "/windows/c"}, {"\\\\server\\share", "/srv/share"}});
  EXPECT_EQ(Map("C:\\x", elsewhere), "/windows/c/x");
  EXPECT_EQ(Map("\\\\SERVER\\Share\\x", elsewhere), "/srv/share/x");
  const WslDistribution at_the_root = Debian({{"C:", "/c"}});
  EXPECT_EQ(Map("C:\\x", at_the_root), "/c/x");
}

TEST(PathMapTest, WithoutAnAnswerTheDefaultIsTakenAndNoted) {
  const WslDistribution unasked = Debian();
  PathMap map(unasked);
  ASSERT_TRUE(map.ToLinux("X:\\a").ok());
  ASSERT_TRUE(map.ToLinux("\\\\wsl$\\Debian\\a").ok());
  EXPECT_EQ(map.used(), (std::map<std::string, std::string>{{"X:", "/mnt/x"}}));
}

TEST(PathMapTest, CaseIsKeptButForTheDrive) {
  EXPECT_EQ(Map("c:\\Users\\DEV\\App", Debian({{"C:", "/mnt/c"}})), "/mnt/c/Users/DEV/App");
}

TEST(PathMapTest, TheDistributionItself) {
  EXPECT_EQ(Map("\\\\wsl$\\Debian\\home\\dev", Debian()), "/home/dev");
  EXPECT_EQ(Map("\\\\WSL.LOCALHOST\\debian\\home\\Dev", Debian()), "/home/Dev");
  EXPECT_EQ(Map("\\\\?\\UNC\\wsl.localhost\\Debian\\home\\dev", Debian()), "/home/dev");
  EXPECT_EQ(Map("\\\\wsl.localhost\\Debian", Debian()), "/");
  EXPECT_EQ(Map("\\\\wsl.localhost\\Debian\\", Debian()), "/");
  EXPECT_EQ(Map("\\\\wsl.localhost\\Ubuntu\\home\\dev", Debian()), kUnmappable);
}

TEST(PathMapTest, SharesAreRefused) {
  for (const char* const path : {"\\\\server\\share\\x", "//server/share/x", "\\\\?\\UNC\\server\\share\\x",
                                 "\\\\wsl.localhost.evil\\Debian\\x", "\\\\localhost\\C$\\x"}) {
    EXPECT_EQ(Map(path, Debian()), kUnmappable) << path;
    EXPECT_EQ(Map(path, Debian({{"C:", "/mnt/c"}})), kUnmappable) << path;
  }
}

TEST(PathMapTest, SpacesAndUnicodeStay) {
  EXPECT_EQ(Map("C:\\Program Files\\a  b", Debian()), "/mnt/c/Program Files/a  b");
  EXPECT_EQ(Map("C:\\za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87\\\xe6\x97\xa5\xe6\x9c\xac\\\xf0\x9f\x92\xa9", Debian()),
            "/mnt/c/za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87/\xe6\x97\xa5\xe6\x9c\xac/\xf0\x9f\x92\xa9");
  // Composed and decomposed are two names on both sides.
  EXPECT_NE(Map("C:\\\xc3\xa9", Debian()), Map("C:\\e\xcc\x81", Debian()));
}

TEST(PathMapTest, VerbatimNamesAreTakenAsTheyStand) {
  EXPECT_EQ(Map("\\\\?\\C:\\x\\a.", Debian()), "/mnt/c/x/a.");
  EXPECT_EQ(Map("C:\\x\\a.", Debian()), "/mnt/c/x/a");
  EXPECT_EQ(Map("\\\\?\\C:\\nul", Debian()), "/mnt/c/nul");
  EXPECT_EQ(Map("C:\\nul", Debian()), kUnmappable);
}

TEST(PathMapTest, DotsNeverLeaveTheRoot) {
  EXPECT_EQ(Map("C:\\a\\..\\..\\..\\b", Debian()), "/mnt/c/b");
  EXPECT_EQ(Map("\\\\wsl$\\Debian\\..\\..\\b", Debian()), "/b");
  EXPECT_EQ(Map("\\\\?\\C:\\a\\..\\b", Debian()), kUnmappable);
}

TEST(PathMapTest, WhatIsNoPlaceOnADriveIsRefused) {
  for (const char* const path : {"a\\b", "\\a", "C:a", "C:", "\\\\.\\COM1", "\\\\.\\C:\\a",
                                 "\\\\?\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\a", "\\??\\C:\\a",
                                 "\\\\?\\GLOBALROOT\\Device\\x", "C:\\a:stream", "C:\\a\\con", ""}) {
    EXPECT_EQ(Map(path, Debian()), kUnmappable) << path;
  }
}

TEST(PathMapTest, NamesThatLinuxCannotHold) {
  // 255 units of UTF-16, which Windows holds, are 765 bytes.
  std::string wide;
  for (int i = 0; i < 85; ++i) wide += "\xe6\x97\xa5";
  EXPECT_EQ(Map("C:\\" + wide, Debian()), "/mnt/c/" + wide);
  EXPECT_EQ(Map("C:\\" + wide + "x", Debian()), kUnmappable);
  EXPECT_EQ(Map("C:\\a\xed\xa0\x80z", Debian()), kUnmappable) << "half a surrogate pair";
  EXPECT_EQ(Map("C:\\a\xed\xb0\x80z", Debian()), kUnmappable) << "the other half";
  EXPECT_EQ(Map("C:\\a\xef\x80\xba", Debian()), kUnmappable) << "U+F03A, which WSL shows as a colon";
  EXPECT_EQ(Map("C:\\a\xef\x84\x80", Debian()), "/mnt/c/a\xef\x84\x80") << "U+F100";
  std::string deep = "\\\\?\\C:";
  for (int i = 0; i < 30; ++i) deep += "\\" + std::string(150, 'd');
  EXPECT_EQ(Map(deep, Debian()), kUnmappable);
}

TEST(PathMapTest, EntriesOfAPolicy) {
  EXPECT_EQ(MapEntry("."), ".");
  EXPECT_EQ(MapEntry(".git/hooks"), ".git/hooks");
  EXPECT_EQ(MapEntry("src\\gen"), "src/gen");
  EXPECT_EQ(MapEntry("**/.env"), "**/.env");
  EXPECT_EQ(MapEntry("~"), "~");
  EXPECT_EQ(MapEntry("~/.ssh"), "~/.ssh");
  EXPECT_EQ(MapEntry("C:\\opt\\**\\*.pem"), "/mnt/c/opt/**/*.pem");
  EXPECT_EQ(MapEntry("~\\.ssh"), kUnmappable) << "a directory of that name, which would become the home";
  EXPECT_EQ(MapEntry("~dev/x"), kUnmappable);
  EXPECT_EQ(MapEntry("C:x"), kUnmappable);
  EXPECT_EQ(MapEntry("\\x"), kUnmappable);
}

}  // namespace
}  // namespace paddock::wsl2
