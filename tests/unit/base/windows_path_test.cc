#include "core/base/windows_path.h"

#include <gtest/gtest.h>

namespace paddock {
namespace {

TEST(WindowsPathTest, KnowsWhatIsAbsolute) {
  for (const char* path : {"C:\\", "c:/src", "C:\\a\\b", "\\\\server\\share", "//server/share/a"}) {
    EXPECT_TRUE(IsAbsoluteWindowsPath(path)) << path;
  }
  for (const char* path :
       {"", "C:", "C:a", "\\a", "/a", "a\\b", "\\\\server", "\\\\?\\C:\\a", "\\\\.\\pipe\\x", "1:\\"}) {
    EXPECT_FALSE(IsAbsoluteWindowsPath(path)) << path;
  }
}

TEST(WindowsPathTest, Normalises) {
  EXPECT_EQ(NormalizeWindowsPath("c:/a//b/./c/../d/"), "C:\\a\\b\\d");
  EXPECT_EQ(NormalizeWindowsPath("C:\\..\\.."), "C:\\");
  EXPECT_EQ(NormalizeWindowsPath("\\\\server\\share\\..\\a"), "\\\\server\\share\\a");
  EXPECT_EQ(NormalizeWindowsPath("//server/share/"), "\\\\server\\share");
  EXPECT_EQ(JoinWindowsPath("C:\\ws", ".git/hooks"), "C:\\ws\\.git\\hooks");
  EXPECT_EQ(JoinWindowsPath("C:\\", "a"), "C:\\a");
  EXPECT_EQ(JoinWindowsPath("C:\\ws", "D:/x"), "D:\\x");
}

TEST(WindowsPathTest, ContainmentIsByComponentAndIgnoresCase) {
  EXPECT_TRUE(WindowsPathIsWithin("C:\\WS\\a", "C:\\ws"));
  EXPECT_TRUE(WindowsPathIsWithin("C:\\ws", "C:\\"));
  EXPECT_FALSE(WindowsPathIsWithin("C:\\wsx", "C:\\ws"));
  EXPECT_FALSE(WindowsPathIsWithin("D:\\ws", "C:\\"));
  EXPECT_TRUE(IsWindowsRoot("C:\\"));
  EXPECT_TRUE(IsWindowsRoot("\\\\s\\share"));
  EXPECT_FALSE(IsWindowsRoot("C:\\a"));
}

}  // namespace
}  // namespace paddock
