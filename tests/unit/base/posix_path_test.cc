#include "core/base/posix_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace paddock {
namespace {

TEST(PosixPathTest, NormalisesAsText) {
  const struct {
    const char* path;
    const char* normal;
  } kCases[] = {
      {"", "."},
      {".", "."},
      {"/", "/"},
      {"//", "/"},
      {"/..", "/"},
      {"/../../a", "/a"},
      {"a//./b/../c/", "a/c"},
      {"./a", "a"},
      {"a/..", "."},
      {"..", ".."},
      {"../a", "../a"},
      {"a/../../b", "../b"},
      {"../..", "../.."},
      {"/a/b/", "/a/b"},
      {"/a/.../b", "/a/.../b"},
      {"/a /\nb", "/a /\nb"},
      {"/\xff/-", "/\xff/-"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(NormalizePath(c.path), c.normal) << c.path;
    EXPECT_TRUE(IsNormalPath(NormalizePath(c.path))) << c.path;
  }
  EXPECT_FALSE(IsNormalPath("a/"));
  EXPECT_FALSE(IsNormalPath("/a/./b"));
}

TEST(PosixPathTest, Joins) {
  EXPECT_EQ(AppendPath("/ws", "a/../b"), "/ws/a/../b");
  EXPECT_EQ(AppendPath("/", "a"), "/a");
  EXPECT_EQ(AppendPath("/ws", ""), "/ws");
  EXPECT_EQ(JoinPath("/ws", "src"), "/ws/src");
  EXPECT_EQ(JoinPath("/ws", "."), "/ws");
  EXPECT_EQ(JoinPath("/ws", "/etc"), "/etc");
  EXPECT_EQ(JoinPath("/ws", "../x"), "/x");
  EXPECT_EQ(JoinPath("/", "a"), "/a");
  EXPECT_EQ(JoinPath("", "a"), "a");
}

TEST(PosixPathTest, ContainmentIsByComponent) {
  EXPECT_TRUE(PathIsWithin("/ws", "/ws"));
  EXPECT_TRUE(PathIsWithin("/ws/a", "/ws"));
  EXPECT_FALSE(PathIsWithin("/wsx", "/ws"));
  EXPECT_FALSE(PathIsWithin("/", "/ws"));
  EXPECT_TRUE(PathIsWithin("/ws", "/"));
  EXPECT_FALSE(PathIsWithin("ws", "/"));
  EXPECT_TRUE(PathIsWithin("src", "."));
  EXPECT_TRUE(PathIsWithin("..a", "."));
  EXPECT_FALSE(PathIsWithin("..", "."));
  EXPECT_FALSE(PathIsWithin("../a", "."));
  EXPECT_FALSE(PathIsWithin("/a", "."));
}

TEST(PosixPathTest, TakesApart) {
  EXPECT_EQ(PathBelow("/ws/a/b", "/ws"), "a/b");
  EXPECT_EQ(PathBelow("/a", "/"), "a");
  EXPECT_EQ(PathBelow("/a", "/a"), "");
  EXPECT_EQ(PathBelow("a/b", "."), "a/b");
  EXPECT_EQ(ParentPath("/a/b"), "/a");
  EXPECT_EQ(ParentPath("/a"), "/");
  EXPECT_EQ(ParentPath("/"), "/");
  EXPECT_EQ(ParentPath("a"), ".");
  EXPECT_EQ(PathBasename("/a/b"), "b");
  EXPECT_EQ(PathBasename("/"), "");
  EXPECT_THAT(PathComponents("//a/b//c"), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(PathComponents("/"), testing::IsEmpty());
}

}  // namespace
}  // namespace paddock
