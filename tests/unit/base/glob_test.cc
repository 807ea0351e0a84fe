#include "core/base/glob.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace paddock {
namespace {

Glob Compiled(absl::string_view pattern) {
  auto glob = Glob::Compile(pattern);
  EXPECT_TRUE(glob.ok()) << pattern << ": " << glob.status();
  return *std::move(glob);
}

TEST(GlobTest, Matches) {
  const struct {
    const char* pattern;
    const char* path;
    bool matches;
  } kCases[] = {
      {"/ws/**/.env", "/ws/.env", true},
      {"/ws/**/.env", "/ws/a/.env", true},
      {"/ws/**/.env", "/ws/a/b/c/.env", true},
      {"/ws/**/.env", "/ws/a/.envx", false},
      {"/ws/**/.env", "/ws/a/x.env", false},
      {"/ws/**/.env", "/.env", false},
      {"/ws/**/.env", "/wsx/.env", false},
      {"/ws/*", "/ws/.hidden", true},
      {"/ws/*", "/ws/a/b", false},
      {"/ws/*", "/ws", false},
      {"/ws/**", "/ws/a/b", true},
      {"/ws/**", "/ws", true},
      {"/ws/*.pem", "/ws/.pem", true},
      {"/ws/*.pem", "/ws/key.pem.bak", false},
      {"/ws/a*b*c", "/ws/aXXbYYbZc", true},
      {"/ws/a*b*c", "/ws/aXXbYYbZ", false},
      {"/ws/?", "/ws/x", true},
      {"/ws/?", "/ws/xy", false},
      {"/ws/?", "/ws/\xc3\xa9", true},  // one character of two bytes
      {"/ws/?", "/ws/\xf0\x9f\x98\x80", true},
      {"/ws/?", "/ws/\xff", true},         // no UTF-8: one byte
      {"/ws/??", "/ws/\xc3x", true},       // a cut-off sequence: two bytes, one by one
      {"/ws/[id]/x", "/ws/[id]/x", true},  // no character classes
      {"/ws/[id]/x", "/ws/i/x", false},
      {"/ws/{a,b}", "/ws/{a,b}", true},
      {"/ws/[*]", "/ws/*", true},
      {"/ws/[*]", "/ws/a", false},
      {"/ws/[?]x*", "/ws/?xyz", true},
      {"/ws/[[]", "/ws/[", true},
      {"/a/**/b/**/c", "/a/b/c", true},
      {"/a/**/b/**/c", "/a/x/b/y/b/z/c", true},
      {"/a/**/b/**/c", "/a/x/y/c", false},
      {"/a/**/**/b", "/a/b", true},
      {"/**", "/", true},
      {"/**/id_*", "/home/u/.ssh/id_rsa", true},
      {"/a/b", "/a/b", true},
      {"/a/b", "/a/c", false},
      {"/", "/", true},
  };
  for (const auto& c : kCases) EXPECT_EQ(Compiled(c.pattern).Matches(c.path), c.matches) << c.pattern << " " << c.path;
}

TEST(GlobTest, RefusesWhatItWouldMisread) {
  for (const char* pattern : {"", "a/*", "/ws/../*", "/ws//a", "/ws/", "/ws/a**b", "/ws/***"}) {
    EXPECT_FALSE(Glob::Compile(pattern).ok()) << pattern;
  }
}

TEST(GlobTest, KnowsWhereToWalk) {
  EXPECT_EQ(Compiled("/ws/**/.env").literal_prefix(), "/ws");
  EXPECT_EQ(Compiled("/ws/a/b*").literal_prefix(), "/ws/a");
  EXPECT_EQ(Compiled("/*").literal_prefix(), "/");
  EXPECT_EQ(Compiled("/ws/[*]/x*").literal_prefix(), "/ws/*");
  EXPECT_EQ(Compiled("/ws/a").literal_prefix(), "/ws");

  const Glob shallow = Compiled("/ws/*/secrets/*.pem");
  EXPECT_TRUE(shallow.MayMatchBelow("/"));
  EXPECT_TRUE(shallow.MayMatchBelow("/ws"));
  EXPECT_TRUE(shallow.MayMatchBelow("/ws/app"));
  EXPECT_TRUE(shallow.MayMatchBelow("/ws/app/secrets"));
  EXPECT_FALSE(shallow.MayMatchBelow("/ws/app/src"));
  EXPECT_FALSE(shallow.MayMatchBelow("/ws/app/secrets/deep"));
  EXPECT_FALSE(shallow.MayMatchBelow("/other"));
  EXPECT_TRUE(Compiled("/ws/**/x").MayMatchBelow("/ws/a/b/c"));
}

TEST(GlobTest, EscapedNamesMatchThemselvesAlone) {
  for (const char* name :
       {"plain", "*", "?", "[", "]", "[*]", "[?]", "[[]", "[[*]", "a[*]b?c[", "[id]", "[[...slug]]"}) {
    const std::string path = "/ws/" + std::string(name);
    const std::string pattern = EscapeGlob(path);
    EXPECT_FALSE(HasGlob(pattern)) << name;
    EXPECT_EQ(UnescapeGlob(pattern), path);
    EXPECT_TRUE(Compiled(pattern).Matches(path)) << name;
    EXPECT_FALSE(Compiled(pattern).Matches(path + "x")) << name;
  }
  EXPECT_TRUE(HasGlob("a*"));
  EXPECT_TRUE(HasGlob("[*"));
  EXPECT_FALSE(HasGlob("[*]"));
  EXPECT_FALSE(HasGlob("[a-z]"));
}

// A pattern made to backtrack against a name made for it.
TEST(GlobTest, HostileNamesCostNoMoreThanTheProduct) {
  std::string stars = "/ws/", many = "/";
  for (int i = 0; i < 60; ++i) stars += "*a";
  for (int i = 0; i < 60; ++i) many += "**/a/";
  const Glob by_name = Compiled(stars + "b");
  const Glob by_directory = Compiled(many + "b");
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "/a";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(by_name.Matches("/ws/" + std::string(4000, 'a')));
  EXPECT_FALSE(by_directory.Matches(deep + "/c"));
  EXPECT_FALSE(WildcardMatch("*a*a*a*a*a*a*a*a*a*a*b", std::string(100000, 'a')));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(WildcardTest, MatchesNames) {
  const struct {
    const char* pattern;
    const char* text;
    bool matches;
  } kCases[] = {
      {"", "", true},
      {"", "A", false},
      {"*", "", true},
      {"*", "ANY", true},
      {"A", "A", true},
      {"A", "AB", false},
      {"LC_*", "LC_ALL", true},
      {"LC_*", "LC_", true},
      {"LC_*", "XLC_", false},
      {"*_KEY", "MY_KEY", true},
      {"*_KEY", "KEY", false},
      {"*SECRET*", "A_SECRET_B", true},
      {"*SECRET*", "SECRE", false},
      {"A*B*C", "AxBxBxC", true},
      {"[A]", "A", false},
  };
  for (const auto& c : kCases) EXPECT_EQ(WildcardMatch(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
}

}  // namespace
}  // namespace paddock
