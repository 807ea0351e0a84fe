#include "core/base/windows_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using Kind = WindowsPathKind;

std::string KindName(Kind kind) {
  constexpr const char* kNames[] = {
      "relative",       "rooted",       "drive-relative",  "drive",          "unc", "wsl", "device",
      "verbatim drive", "verbatim unc", "verbatim volume", "verbatim other", "nt"};
  return kNames[static_cast<size_t>(kind)];
}

struct ParseCase {
  const char* text;
  Kind kind;
  const char* root;
  const char* components;  // joined by |
  const char* canonical;
};

void Check(const ParseCase& c) {
  const auto path = WindowsPath::Parse(c.text);
  ASSERT_TRUE(path.ok()) << c.text << ": " << path.status();
  EXPECT_EQ(KindName(path->kind()), KindName(c.kind)) << c.text;
  EXPECT_EQ(path->root(), c.root) << c.text;
  EXPECT_EQ(absl::StrJoin(path->components(), "|"), c.components) << c.text;
  EXPECT_EQ(path->ToString(), c.canonical) << c.text;
  const auto again = WindowsPath::Parse(path->ToString());
  ASSERT_TRUE(again.ok()) << path->ToString() << ": " << again.status();
  EXPECT_EQ(again->ToString(), path->ToString()) << c.text;
  EXPECT_EQ(KindName(again->kind()), KindName(path->kind())) << c.text;
}

TEST(WindowsPathTest, DrivesAndWhatIsRelativeToThem) {
  const ParseCase kCases[] = {
      {R"(C:\)", Kind::kDrive, R"(C:\)", "", R"(C:\)"},
      {"c:/", Kind::kDrive, R"(C:\)", "", R"(C:\)"},
      {R"(c:\a)", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(z:\A\b)", Kind::kDrive, R"(Z:\)", "A|b", R"(Z:\A\b)"},
      {"c:/a//b/./c/../d/", Kind::kDrive, R"(C:\)", "a|b|d", R"(C:\a\b\d)"},
      {R"(C:\a/b\c)", Kind::kDrive, R"(C:\)", "a|b|c", R"(C:\a\b\c)"},
      {R"(C:\\\a\\b)", Kind::kDrive, R"(C:\)", "a|b", R"(C:\a\b)"},
      {R"(C:\..\..)", Kind::kDrive, R"(C:\)", "", R"(C:\)"},
      {R"(C:\..\a)", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\a\..\..\b)", Kind::kDrive, R"(C:\)", "b", R"(C:\b)"},
      {R"(C:\a\.)", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\a\..)", Kind::kDrive, R"(C:\)", "", R"(C:\)"},
      {R"(C:\.git)", Kind::kDrive, R"(C:\)", ".git", R"(C:\.git)"},
      {R"(C:\..git)", Kind::kDrive, R"(C:\)", "..git", R"(C:\..git)"},
      {R"(C:\a b\c.d.e)", Kind::kDrive, R"(C:\)", "a b|c.d.e", R"(C:\a b\c.d.e)"},
      {R"(C:\ a)", Kind::kDrive, R"(C:\)", " a", R"(C:\ a)"},
      {R"(C:\Program Files (x86)\x)", Kind::kDrive, R"(C:\)", "Program Files (x86)|x", R"(C:\Program Files (x86)\x)"},
      {R"(C:\[x]{y};=,+@#'!`^&%$~)", Kind::kDrive, R"(C:\)", "[x]{y};=,+@#'!`^&%$~", R"(C:\[x]{y};=,+@#'!`^&%$~)"},
      {"C:\\caf\xC3\xA9", Kind::kDrive, R"(C:\)", "caf\xC3\xA9", "C:\\caf\xC3\xA9"},
      {"C:\\\xF0\x9F\x98\x80", Kind::kDrive, R"(C:\)", "\xF0\x9F\x98\x80", "C:\\\xF0\x9F\x98\x80"},
      {"C:\\x\xED\xA0\x80y", Kind::kDrive, R"(C:\)", "x\xED\xA0\x80y", "C:\\x\xED\xA0\x80y"},
      {"C:", Kind::kDriveRelative, "C:", "", "C:"},
      {"c:a", Kind::kDriveRelative, "C:", "a", "C:a"},
      {R"(C:a\b)", Kind::kDriveRelative, "C:", "a|b", R"(C:a\b)"},
      {R"(C:..\a)", Kind::kDriveRelative, "C:", "..|a", R"(C:..\a)"},
      {R"(C:.\a)", Kind::kDriveRelative, "C:", "a", "C:a"},
      {R"(C:a\..\..\b)", Kind::kDriveRelative, "C:", "..|b", R"(C:..\b)"},
      {R"(\)", Kind::kRooted, R"(\)", "", R"(\)"},
      {"/", Kind::kRooted, R"(\)", "", R"(\)"},
      {R"(\a\b)", Kind::kRooted, R"(\)", "a|b", R"(\a\b)"},
      {"/etc/passwd", Kind::kRooted, R"(\)", "etc|passwd", R"(\etc\passwd)"},
      {R"(\..\a)", Kind::kRooted, R"(\)", "a", R"(\a)"},
      {R"(\Device\HarddiskVolume1\a)", Kind::kRooted, R"(\)", "Device|HarddiskVolume1|a",
       R"(\Device\HarddiskVolume1\a)"},
      {"a", Kind::kRelative, "", "a", "a"},
      {".", Kind::kRelative, "", "", "."},
      {R"(.\)", Kind::kRelative, "", "", "."},
      {"..", Kind::kRelative, "", "..", ".."},
      {R"(..\..\a)", Kind::kRelative, "", "..|..|a", R"(..\..\a)"},
      {R"(a\..\..\b)", Kind::kRelative, "", "..|b", R"(..\b)"},
      {"a/b", Kind::kRelative, "", "a|b", R"(a\b)"},
      {R"(a\b\)", Kind::kRelative, "", "a|b", R"(a\b)"},
      {"~", Kind::kRelative, "", "~", "~"},
      {".git/hooks", Kind::kRelative, "", ".git|hooks", R"(.git\hooks)"},
  };
  for (const ParseCase& c : kCases) Check(c);
}

TEST(WindowsPathTest, SharesAndDistributions) {
  const ParseCase kCases[] = {
      {R"(\\server\share)", Kind::kUnc, R"(\\server\share)", "", R"(\\server\share)"},
      {R"(\\server\share\)", Kind::kUnc, R"(\\server\share)", "", R"(\\server\share)"},
      {"//server/share/", Kind::kUnc, R"(\\server\share)", "", R"(\\server\share)"},
      {R"(/\server\share\a)", Kind::kUnc, R"(\\server\share)", "a", R"(\\server\share\a)"},
      {R"(\\server\share\..\a)", Kind::kUnc, R"(\\server\share)", "a", R"(\\server\share\a)"},
      {R"(\\server\share\a\..\..\..\b)", Kind::kUnc, R"(\\server\share)", "b", R"(\\server\share\b)"},
      {R"(\\127.0.0.1\C$\a)", Kind::kUnc, R"(\\127.0.0.1\C$)", "a", R"(\\127.0.0.1\C$\a)"},
      {R"(\\host.example.org\s\a)", Kind::kUnc, R"(\\host.example.org\s)", "a", R"(\\host.example.org\s\a)"},
      {R"(\\fe80--1.ipv6-literal.net\s)", Kind::kUnc, R"(\\fe80--1.ipv6-literal.net\s)", "",
       R"(\\fe80--1.ipv6-literal.net\s)"},
      {R"(\\server@SSL@8443\DavWWWRoot\a)", Kind::kUnc, R"(\\server@SSL@8443\DavWWWRoot)", "a",
       R"(\\server@SSL@8443\DavWWWRoot\a)"},
      {R"(\\wsl$\Debian)", Kind::kWsl, R"(\\wsl$\Debian)", "", R"(\\wsl$\Debian)"},
      {R"(\\wsl$\Debian\home\me)", Kind::kWsl, R"(\\wsl$\Debian)", "home|me", R"(\\wsl$\Debian\home\me)"},
      {R"(\\WSL.localhost\Ubuntu-22.04\tmp)", Kind::kWsl, R"(\\WSL.localhost\Ubuntu-22.04)", "tmp",
       R"(\\WSL.localhost\Ubuntu-22.04\tmp)"},
      {"//wsl.localhost/Debian/home", Kind::kWsl, R"(\\wsl.localhost\Debian)", "home",
       R"(\\wsl.localhost\Debian\home)"},
      {R"(\\wsl\Debian\home)", Kind::kUnc, R"(\\wsl\Debian)", "home", R"(\\wsl\Debian\home)"},
  };
  for (const ParseCase& c : kCases) Check(c);
}

TEST(WindowsPathTest, DevicesAndVerbatimPaths) {
  const ParseCase kCases[] = {
      {R"(\\.\COM1)", Kind::kDevice, R"(\\.\COM1)", "", R"(\\.\COM1)"},
      {R"(\\.\NUL)", Kind::kDevice, R"(\\.\NUL)", "", R"(\\.\NUL)"},
      {R"(\\.\PhysicalDrive0)", Kind::kDevice, R"(\\.\PhysicalDrive0)", "", R"(\\.\PhysicalDrive0)"},
      {R"(\\.\pipe\x)", Kind::kDevice, R"(\\.\pipe)", "x", R"(\\.\pipe\x)"},
      {"//./pipe/x/../y", Kind::kDevice, R"(\\.\pipe)", "y", R"(\\.\pipe\y)"},
      {R"(\\.\C:)", Kind::kDevice, R"(\\.\C:)", "", R"(\\.\C:)"},
      {R"(\\.\c:\)", Kind::kDevice, R"(\\.\C:\)", "", R"(\\.\C:\)"},
      {R"(\\.\c:\a\..\b.)", Kind::kDevice, R"(\\.\C:\)", "b", R"(\\.\C:\b)"},
      {R"(\\.\UNC\server\share\a)", Kind::kDevice, R"(\\.\UNC\server\share)", "a", R"(\\.\UNC\server\share\a)"},
      {"//?/C:/a/b.", Kind::kDevice, R"(\\.\C:\)", "a|b", R"(\\.\C:\a\b)"},
      {R"(\\?/C:\a)", Kind::kDevice, R"(\\.\C:\)", "a", R"(\\.\C:\a)"},
      {R"(/\?\C:\a)", Kind::kDevice, R"(\\.\C:\)", "a", R"(\\.\C:\a)"},
      {R"(\\.\Volume{b75e2c83-0000-0000-0000-602f00000000}\a)", Kind::kDevice,
       R"(\\.\Volume{b75e2c83-0000-0000-0000-602f00000000}\)", "a",
       R"(\\.\Volume{b75e2c83-0000-0000-0000-602f00000000}\a)"},
      {R"(\\?\C:\)", Kind::kVerbatimDrive, R"(\\?\C:\)", "", R"(\\?\C:\)"},
      {R"(\\?\c:\a\b)", Kind::kVerbatimDrive, R"(\\?\C:\)", "a|b", R"(\\?\C:\a\b)"},
      {R"(\\?\C:\a\b\)", Kind::kVerbatimDrive, R"(\\?\C:\)", "a|b", R"(\\?\C:\a\b)"},
      {R"(\\?\C:\a. \b..)", Kind::kVerbatimDrive, R"(\\?\C:\)", "a. |b..", R"(\\?\C:\a. \b..)"},
      {R"(\\?\C:\NUL)", Kind::kVerbatimDrive, R"(\\?\C:\)", "NUL", R"(\\?\C:\NUL)"},
      {R"(\\?\C:\...)", Kind::kVerbatimDrive, R"(\\?\C:\)", "...", R"(\\?\C:\...)"},
      {R"(\\?\UNC\server\share\a)", Kind::kVerbatimUnc, R"(\\?\UNC\server\share)", "a", R"(\\?\UNC\server\share\a)"},
      {R"(\\?\unc\server\share)", Kind::kVerbatimUnc, R"(\\?\UNC\server\share)", "", R"(\\?\UNC\server\share)"},
      {R"(\\?\UNC\wsl$\Debian\home)", Kind::kVerbatimUnc, R"(\\?\UNC\wsl$\Debian)", "home",
       R"(\\?\UNC\wsl$\Debian\home)"},
      {R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\)", Kind::kVerbatimVolume,
       R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\)", "",
       R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\)"},
      {R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\a\b)", Kind::kVerbatimVolume,
       R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\)", "a|b",
       R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\a\b)"},
      // Without the separator it is the volume's device, not its top directory.
      {R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000})", Kind::kVerbatimOther,
       R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000})", "",
       R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000})"},
      {R"(\\?\C:)", Kind::kVerbatimOther, R"(\\?\C:)", "", R"(\\?\C:)"},
      {R"(\\?\GLOBALROOT\Device\HarddiskVolume3\a)", Kind::kVerbatimOther, R"(\\?\GLOBALROOT)",
       "Device|HarddiskVolume3|a", R"(\\?\GLOBALROOT\Device\HarddiskVolume3\a)"},
      {R"(\\?\pipe\x)", Kind::kVerbatimOther, R"(\\?\pipe)", "x", R"(\\?\pipe\x)"},
      {R"(\\?\UNC)", Kind::kVerbatimOther, R"(\\?\UNC)", "", R"(\\?\UNC)"},
      {R"(\??\C:\a)", Kind::kNt, R"(\??\C:\)", "a", R"(\??\C:\a)"},
      {R"(\??\UNC\server\share\a)", Kind::kNt, R"(\??\UNC\server\share)", "a", R"(\??\UNC\server\share\a)"},
      {R"(\??\C:\a.)", Kind::kNt, R"(\??\C:\)", "a.", R"(\??\C:\a.)"},
  };
  for (const ParseCase& c : kCases) Check(c);
}

TEST(WindowsPathTest, DotsAndSpacesAtTheEndOfNames) {
  const ParseCase kCases[] = {
      {R"(C:\a.)", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\a..)", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\a )", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\a . .. )", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\.git. )", Kind::kDrive, R"(C:\)", ".git", R"(C:\.git)"},
      {R"(C:\a.\b)", Kind::kDrive, R"(C:\)", "a|b", R"(C:\a\b)"},
      {R"(C:\.git.\hooks)", Kind::kDrive, R"(C:\)", ".git|hooks", R"(C:\.git\hooks)"},
      {R"(C:\a..\b)", Kind::kDrive, R"(C:\)", "a..|b", R"(C:\a..\b)"},
      {R"(C:\a \b)", Kind::kDrive, R"(C:\)", "a |b", R"(C:\a \b)"},
      {R"(C:\a .\b)", Kind::kDrive, R"(C:\)", "a |b", R"(C:\a \b)"},
      {R"(C:\a\)", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\a.\)", Kind::kDrive, R"(C:\)", "a", R"(C:\a)"},
      // A space before a separator stays, so the canonical text keeps the separator.
      {R"(C:\a \)", Kind::kDrive, R"(C:\)", "a ", R"(C:\a \)"},
      {R"(C:\a \\)", Kind::kDrive, R"(C:\)", "a ", R"(C:\a \)"},
      {R"(C:\a..\)", Kind::kDrive, R"(C:\)", "a..", R"(C:\a..\)"},
      {R"(C:\a \.)", Kind::kDrive, R"(C:\)", "a ", R"(C:\a \)"},
      {R"(C:\a \b\..)", Kind::kDrive, R"(C:\)", "a ", R"(C:\a \)"},
      {"C:\\a\xC2\xA0", Kind::kDrive, R"(C:\)", "a\xC2\xA0", "C:\\a\xC2\xA0"},  // no-break space: a letter like others
      {"a. ", Kind::kRelative, "", "a", "a"},
      {R"(\\s\h\a. )", Kind::kUnc, R"(\\s\h)", "a", R"(\\s\h\a)"},
      {R"(\\.\pipe\a. )", Kind::kDevice, R"(\\.\pipe)", "a", R"(\\.\pipe\a)"},
  };
  for (const ParseCase& c : kCases) Check(c);
}

TEST(WindowsPathTest, Streams) {
  const struct {
    const char* text;
    const char* stream;
    const char* canonical;
  } kCases[] = {
      {R"(C:\a)", "", R"(C:\a)"},
      {R"(C:\a:s)", "s", R"(C:\a:s)"},
      {R"(C:\a.txt:Zone.Identifier)", "Zone.Identifier", R"(C:\a.txt:Zone.Identifier)"},
      {R"(C:\a:s:$DATA)", "s", R"(C:\a:s)"},
      {R"(C:\a:s:$data)", "s", R"(C:\a:s)"},
      {R"(C:\a::$DATA)", "", R"(C:\a)"},
      {R"(C:\a::$DATA. )", "", R"(C:\a)"},
      {R"(C:\a::$index_allocation)", ":$index_allocation", R"(C:\a::$index_allocation)"},
      {R"(C:\a:$I30:$INDEX_ALLOCATION)", "$I30:$INDEX_ALLOCATION", R"(C:\a:$I30:$INDEX_ALLOCATION)"},
      {R"(C:\a. :s)", "s", R"(C:\a. :s)"},
      {R"(C:\a:s.:$DATA)", "s.:$DATA", R"(C:\a:s.:$DATA)"},
      {R"(C:\a.:s:$DATA)", "s", R"(C:\a.:s)"},
      {R"(C:\a.::$DATA)", ":$DATA", R"(C:\a.::$DATA)"},
      {R"(\\?\C:\a.::$DATA)", "", R"(\\?\C:\a.)"},
      {R"(\\?\C:\a:s)", "s", R"(\\?\C:\a:s)"},
      {R"(\\s\h\a:b)", "b", R"(\\s\h\a:b)"},
      {"ab:s", "s", "ab:s"},
      {R"(.\a:s)", "s", R"(.\a:s)"},  // "a:s" would be a name on drive A:
      {R"(x\a:s)", "s", R"(x\a:s)"},
  };
  for (const auto& c : kCases) {
    const auto path = WindowsPath::Parse(c.text);
    ASSERT_TRUE(path.ok()) << c.text << ": " << path.status();
    EXPECT_EQ(path->stream(), c.stream) << c.text;
    EXPECT_EQ(path->ToString(), c.canonical) << c.text;
    EXPECT_EQ(WindowsPath::Parse(path->ToString())->ToString(), c.canonical) << c.text;
  }
}

TEST(WindowsPathTest, SaysWhatIsWrong) {
  const std::string longest(255, 'a');
  std::string too_long = R"(\\?\C:)";
  while (too_long.size() <= 32767) absl::StrAppend(&too_long, "\\", longest);
  const struct {
    std::string text;
    const char* why;
  } kCases[] = {
      {"", "is empty"},
      {std::string("C:\\a\0b", 6), "NUL"},
      {"C:\\\xFF", "not UTF-8 at byte 3"},
      {"C:\\\xC0\xAF", "not UTF-8"},
      {"C:\\\xED\xA0\x80\xED\xB0\x80", "surrogate pair"},
      {too_long, "characters long; Windows takes 32767"},
      {"C:\\" + longest + "a", "a name of 256 characters"},
      {R"(C:\a<b)", "holds <"},
      {R"(C:\a>b)", "holds >"},
      {R"(C:\a"b)", "holds \""},
      {R"(C:\a|b)", "holds |"},
      {R"(C:\a?b)", "holds ?"},
      {R"(C:\*)", "holds *"},
      {"C:\\a\tb", "control character 9"},
      {"C:\\a\nb", "control character 10"},
      {"C:\\a\x1F", "control character 31"},
      {R"(C:\...)", "dots and spaces alone"},
      {R"(C:\...\a)", "dots and spaces alone"},
      {R"(C:\ \a)", "dots and spaces alone"},
      {R"(C:\.. )", "dots and spaces alone"},
      {R"(C:\.. \a)", "dots and spaces alone"},
      {R"(C:\a\. .)", "dots and spaces alone"},
      {R"(C:\a:b\c)", "colon in the middle"},
      {R"(C:\a:$I30:$INDEX_ALLOCATION\c)", "colon in the middle"},
      {R"(C:\a::$DATA\)", "colon in the middle"},
      {R"(C:\a:)", "ends with a colon"},
      {R"(C:\a:b:c)", "stream of no type"},
      {R"(C:\a:b:)", "stream of no type"},
      {R"(C:\a:b:$DATA:c)", "stream of no type"},
      {R"(C:\:s)", "a stream of nothing"},
      {R"(C:\ :s)", "a stream of nothing"},
      {R"(C:\a:s<)", "holds <"},
      {"1:\\", "colon in the middle"},
      {"1:a:b", "stream of no type"},
      {R"(\\)", "without a server"},
      {R"(\\server)", "without a server or without a share"},
      {R"(\\server\)", "without a server or without a share"},
      {R"(\\server\\a)", "without a server or without a share"},
      {"//", "without a server"},
      {R"(\\..\share)", "dots and spaces alone"},
      {R"(\\server\..)", "dots and spaces alone"},
      {R"(\\server\..\a)", "dots and spaces alone"},
      {R"(\\ser?ver\share)", "holds ?"},
      {R"(\\server\C:)", "holds :"},
      {R"(\\\server\share)", "three separators"},
      {"///a", "three separators"},
      {R"(\\.)", "names nothing"},
      {R"(\\?)", "names nothing"},
      {R"(\\.\)", "names nothing"},
      {R"(\\?\)", "names nothing"},
      {R"(\??\)", "names nothing"},
      {R"(\\.\..\C:\a)", "names nothing"},
      {R"(\\.\C*)", "holds *"},
      {R"(\\.\pipe\..\..\x)", "leaves its device"},
      {R"(\\.\C:\..)", "leaves its device"},
      {R"(\\?\UNC\server)", "without a server or without a share"},
      {R"(\\?\UNC\)", "without a server or without a share"},
      {R"(\\?\UNC\\share)", "without a server or without a share"},
      {R"(\\?\Volume{1}\a)", "Volume{xxxxxxxx"},
      {R"(\\?\Volume{b75e2c83-0000-0000-0000-602f0000000g}\a)", "Volume{xxxxxxxx"},
      {R"(\\?\C:\a/b)", "only \\ separates"},
      {R"(\\?\C:/a)", "only \\ separates"},
      {R"(\??\C:\a/b)", "only \\ separates"},
      {R"(\\?\C:\a\..\b)", "stand for nothing"},
      {R"(\\?\C:\.\b)", "stand for nothing"},
      {R"(\\?\C:\a\\b)", "an empty name"},
      {R"(\\?\C:\a*)", "holds *"},
      {"/?\?/C:/a", "holds ?"},
  };
  for (const auto& c : kCases) {
    const auto path = WindowsPath::Parse(c.text);
    ASSERT_FALSE(path.ok()) << c.text << " was taken as " << path->ToString();
    EXPECT_THAT(std::string(path.status().message()), HasSubstr(c.why)) << c.text.substr(0, 80);
  }
  EXPECT_TRUE(WindowsPath::Parse("C:\\" + longest).ok());
  std::string astral;
  for (int i = 0; i < 127; ++i) astral += "\xF0\x9F\x98\x80";  // two units each
  EXPECT_TRUE(WindowsPath::Parse("C:\\" + astral + "a").ok());
  EXPECT_FALSE(WindowsPath::Parse("C:\\" + astral + "\xF0\x9F\x98\x80").ok());
}

TEST(WindowsPathTest, WildcardsOnlyWherePatternsAreMeant) {
  const auto parse = [](const char* text) { return WindowsPath::Parse(text, WindowsPath::Wildcards::kAllowed); };
  EXPECT_EQ(parse(R"(C:\ws\**\*.en?)")->ToString(), R"(C:\ws\**\*.en?)");
  EXPECT_EQ(parse("**/.env")->ToString(), R"(**\.env)");
  EXPECT_FALSE(parse(R"(C:\a<b)").ok());
  EXPECT_FALSE(parse(R"(\\ser*\share)").ok());
  EXPECT_THAT(std::string(parse("/?\?/x").status().message()), HasSubstr("?? as its first name"));
}

TEST(WindowsPathTest, RootsAndAbsolutePaths) {
  const struct {
    const char* text;
    bool absolute, verbatim, root;
  } kCases[] = {
      {R"(C:\)", true, false, true},
      {R"(C:\a)", true, false, false},
      {R"(C:\a\..)", true, false, true},
      {"C:", false, false, false},
      {R"(\)", false, false, false},
      {".", false, false, false},
      {R"(\\s\share)", true, false, true},
      {R"(\\s\share\a)", true, false, false},
      {R"(\\wsl$\Debian)", true, false, true},
      {R"(\\.\C:\)", true, false, true},
      {R"(\\.\C:)", true, false, false},
      {R"(\\.\pipe)", true, false, false},
      {R"(\\?\C:\)", true, true, true},
      {R"(\\?\C:)", true, true, false},
      {R"(\\?\UNC\s\share)", true, true, true},
      {R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\)", true, true, true},
      {R"(\??\C:\)", true, true, true},
  };
  for (const auto& c : kCases) {
    const auto path = WindowsPath::Parse(c.text);
    ASSERT_TRUE(path.ok()) << c.text;
    EXPECT_EQ(path->IsAbsolute(), c.absolute) << c.text;
    EXPECT_EQ(path->IsVerbatim(), c.verbatim) << c.text;
    EXPECT_EQ(path->IsRoot(), c.root) << c.text;
  }
  for (const char* text : {R"(C:\)", "c:/src", R"(\\server)", R"(\\?\C:\a)"}) EXPECT_TRUE(LooksLikeWindowsPath(text));
  for (const char* text : {"", "C:", "C:a", R"(\a)", "/a", "//server/share", "1:\\", "a"}) {
    EXPECT_FALSE(LooksLikeWindowsPath(text)) << text;
  }
}

TEST(WindowsPathTest, Joins) {
  const struct {
    const char* base;
    const char* below;
    const char* joined;
  } kCases[] = {
      {R"(C:\ws)", ".git/hooks", R"(C:\ws\.git\hooks)"},
      {R"(C:\)", "a", R"(C:\a)"},
      {R"(C:\ws)", ".", R"(C:\ws)"},
      {R"(C:\ws)", "..", R"(C:\)"},
      {R"(C:\ws)", R"(..\..\..\x)", R"(C:\x)"},
      {R"(C:\ws\a)", R"(..\b)", R"(C:\ws\b)"},
      {R"(C:\ws)", "D:/x", R"(D:\x)"},
      {R"(C:\ws)", R"(\x)", R"(C:\x)"},
      {R"(C:\ws)", "/x/y", R"(C:\x\y)"},
      {R"(C:\ws)", R"(\\s\h\x)", R"(\\s\h\x)"},
      {R"(C:\ws)", R"(\\?\C:\x.)", R"(\\?\C:\x.)"},
      {R"(C:\ws)", "a:s", ""},  // drive A:
      {R"(C:\ws)", R"(.\a:s)", R"(C:\ws\a:s)"},
      {R"(C:\ws)", "x. ", R"(C:\ws\x)"},
      {R"(C:\ws \)", "x", R"(C:\ws \x)"},
      {R"(\\s\h\a)", "b", R"(\\s\h\a\b)"},
      {R"(\\s\h\a)", R"(..\..\..\b)", R"(\\s\h\b)"},
      {R"(\\s\h\a)", R"(\b)", R"(\\s\h\b)"},
      {R"(\\wsl$\Debian\home)", "me", R"(\\wsl$\Debian\home\me)"},
      {R"(\\?\C:\ws)", "a/b", R"(\\?\C:\ws\a\b)"},
      {R"(\\?\C:\ws)", R"(..\b)", R"(\\?\C:\b)"},
      {R"(\\.\pipe)", "x", R"(\\.\pipe\x)"},
      {"a", "b", R"(a\b)"},
      {"a", R"(..\..\b)", R"(..\b)"},
      {"..", "..", R"(..\..)"},
      {"C:a", "b", R"(C:a\b)"},
      {R"(\a)", R"(..\..\b)", R"(\b)"},
  };
  for (const auto& c : kCases) {
    const auto joined = WindowsPath::Parse(c.base)->Join(c.below);
    if (*c.joined == '\0') {
      EXPECT_FALSE(joined.ok()) << c.base << " + " << c.below;
      continue;
    }
    ASSERT_TRUE(joined.ok()) << c.base << " + " << c.below << ": " << joined.status();
    EXPECT_EQ(joined->ToString(), c.joined) << c.base << " + " << c.below;
  }
}

TEST(WindowsPathTest, RefusesJoinsThatDependOnMore) {
  const struct {
    const char* base;
    const char* below;
    const char* why;
  } kCases[] = {
      {R"(C:\ws)", "C:x", "current directory of drive C:"},
      {R"(C:\ws)", "D:", "current directory of drive D:"},
      {"a", R"(\x)", "root of the current drive"},
      {"C:a", R"(\x)", "root of the current drive"},
      {R"(C:\a:s)", "b", "below a stream"},
      {R"(\\?\C:)", "a", "would lie in a device"},
      {R"(\\.\C:)", "a", "would lie in a device"},
      {R"(\??\C:)", "a", "would lie in a device"},
      {R"(\\?\UNC)", "a", "without a share"},
      {R"(C:\ws)", "a<b", "holds <"},
      {R"(C:\ws)", "", "is empty"},
  };
  for (const auto& c : kCases) {
    const auto joined = WindowsPath::Parse(c.base)->Join(c.below);
    ASSERT_FALSE(joined.ok()) << c.base << " + " << c.below << " = " << joined->ToString();
    EXPECT_THAT(std::string(joined.status().message()), HasSubstr(c.why));
  }
}

TEST(WindowsPathTest, VerbatimForms) {
  const struct {
    const char* text;
    const char* verbatim;  // or, without \\?\, why there is none
  } kCases[] = {
      {R"(C:\)", R"(\\?\C:\)"},
      {"c:/a/../b", R"(\\?\C:\b)"},
      {R"(C:\a \)", R"(\\?\C:\a )"},
      {R"(C:\a:s)", R"(\\?\C:\a:s)"},
      {R"(C:\a.::$DATA)", R"(\\?\C:\a.)"},
      {R"(\\s\h)", R"(\\?\UNC\s\h)"},
      {R"(\\s\h\a)", R"(\\?\UNC\s\h\a)"},
      {R"(\\wsl$\D\a)", R"(\\?\UNC\wsl$\D\a)"},
      {R"(\\?\C:\a.)", R"(\\?\C:\a.)"},
      {R"(\\?\UNC\s\h\a)", R"(\\?\UNC\s\h\a)"},
      {R"(\\.\C:\a)", R"(\\?\C:\a)"},
      {R"(\\.\pipe\x)", R"(\\?\pipe\x)"},
      {R"(\??\C:\a)", R"(\\?\C:\a)"},
      {"a", "is not absolute"},
      {"C:a", "is not absolute"},
      {R"(\a)", "is not absolute"},
      {R"(C:\a\NUL)", "takes for a device"},
      {R"(C:\com1.txt)", "takes for a device"},
  };
  for (const auto& c : kCases) {
    const auto verbatim = WindowsPath::Parse(c.text)->ToVerbatim();
    if (*c.verbatim == '\\') {
      ASSERT_TRUE(verbatim.ok()) << c.text << ": " << verbatim.status();
      EXPECT_EQ(*verbatim, c.verbatim) << c.text;
    } else {
      ASSERT_FALSE(verbatim.ok()) << c.text;
      EXPECT_THAT(std::string(verbatim.status().message()), HasSubstr(c.verbatim));
    }
  }
}

TEST(WindowsPathTest, UsualPaths) {
  for (const char* text : {R"(C:\)", R"(C:\a\b)", R"(\\s\h\a)", R"(\\wsl$\Debian\a)", R"(C:\a::$DATA)"}) {
    EXPECT_TRUE(WindowsPath::Parse(text)->CheckUsual().ok()) << text;
  }
  const struct {
    const char* text;
    const char* why;
  } kCases[] = {
      {"a", "is relative"},
      {R"(\a)", "is relative"},
      {"C:a", "is relative"},
      {R"(\\?\C:\a)", "is a device path"},
      {R"(\\?\UNC\s\h\a)", "is a device path"},
      {R"(\\.\C:\a)", "is a device path"},
      {R"(\??\C:\a)", "is a device path"},
      {R"(C:\a:s)", "names a stream"},
      {R"(C:\a\nul)", "takes for a device"},
      {R"(C:\a\aux.h)", "takes for a device"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(std::string(WindowsPath::Parse(c.text)->CheckUsual().message()), HasSubstr(c.why)) << c.text;
  }
}

TEST(WindowsPathTest, Devices) {
  const struct {
    const char* text;
    WindowsDevice device;
  } kCases[] = {
      {"COM1", WindowsDevice::kAlways},
      {"con", WindowsDevice::kAlways},
      {"nul.txt", WindowsDevice::kBeforeWindows11},
      {"x\\COM1", WindowsDevice::kBeforeWindows11},
      {R"(C:\x\COM1)", WindowsDevice::kBeforeWindows11},
      {R"(C:\x\NUL)", WindowsDevice::kAlways},
      {R"(C:\x\nul. )", WindowsDevice::kAlways},
      {R"(C:\aux\x)", WindowsDevice::kBeforeWindows11},
      {R"(C:\x\aux.c:s)", WindowsDevice::kBeforeWindows11},
      {R"(\prn)", WindowsDevice::kBeforeWindows11},
      {"C:lpt9", WindowsDevice::kBeforeWindows11},
      {R"(\\?\C:\NUL)", WindowsDevice::kNo},
      {R"(\\server\share\NUL)", WindowsDevice::kNo},
      {R"(\\.\C:\NUL)", WindowsDevice::kNo},
      {R"(C:\x\nullable)", WindowsDevice::kNo},
  };
  for (const auto& c : kCases) EXPECT_EQ(WindowsPath::Parse(c.text)->Device(), c.device) << c.text;
}

}  // namespace
}  // namespace paddock
