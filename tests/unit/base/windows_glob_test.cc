#include "core/base/windows_glob.h"

#include <gtest/gtest.h>

namespace paddock {
namespace {

WindowsGlob Compiled(absl::string_view pattern) {
  auto glob = WindowsGlob::Compile(pattern);
  EXPECT_TRUE(glob.ok()) << glob.status();
  return *std::move(glob);
}

TEST(WindowsGlob, MatchesAsWindowsComparesNames) {
  const WindowsGlob glob = Compiled("C:\\ws\\**\\.env");
  EXPECT_TRUE(glob.Matches("C:\\ws\\.env"));
  EXPECT_TRUE(glob.Matches("c:\\WS\\a\\b\\.ENV"));
  EXPECT_FALSE(glob.Matches("C:\\ws\\.env.example"));
  EXPECT_FALSE(glob.Matches("D:\\ws\\.env"));
  EXPECT_TRUE(Compiled("C:\\ws\\*.key").Matches("C:\\ws\\A.KEY"));
  EXPECT_FALSE(Compiled("C:\\ws\\*.key").Matches("C:\\ws\\deep\\a.key"));
  EXPECT_TRUE(Compiled("\\\\server\\share\\**\\x").Matches("\\\\SERVER\\share\\a\\x"));
}

TEST(WindowsGlob, StartsAtTheDeepestDirectoryOfAllMatches) {
  const struct {
    const char* pattern;
    const char* start;
  } kCases[] = {{"C:\\ws\\**\\.env", "C:\\ws"},  {"C:\\ws\\a\\b*\\c", "C:\\ws\\a"},
                {"C:\\*.txt", "C:\\"},           {"C:\\ws\\plain", "C:\\ws"},
                {"C:\\we[*]rd\\?", "C:\\we*rd"}, {"\\\\server\\share\\a\\*", "\\\\server\\share\\a"}};
  for (const auto& test : kCases) EXPECT_EQ(Compiled(test.pattern).start(), test.start) << test.pattern;
}

TEST(WindowsGlob, SaysWhereNothingCanMatch) {
  const WindowsGlob glob = Compiled("C:\\ws\\src\\*\\x");
  EXPECT_TRUE(glob.MayMatchBelow("C:\\ws"));
  EXPECT_TRUE(glob.MayMatchBelow("c:\\WS\\Src\\a"));
  EXPECT_FALSE(glob.MayMatchBelow("C:\\ws\\other"));
}

TEST(WindowsGlob, RefusesWhatIsNoPattern) {
  for (const char* const pattern : {"", "/ws/*", "ws\\*", "C:*", "C:\\a**b", "C:\\a\\..\\*"}) {
    EXPECT_FALSE(WindowsGlob::Compile(pattern).ok()) << pattern;
  }
}

}  // namespace
}  // namespace paddock
