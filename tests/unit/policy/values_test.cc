#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/policy/path_entry.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

using testing::HasSubstr;

TEST(PathTextTest, Canonical) {
  const struct {
    const char* text;
    const char* canonical;
  } kCases[] = {
      {".", "."},
      {"./", "."},
      {"src/", "src"},
      {"./src/../lib", "lib"},
      {"~", "~"},
      {"~/", "~"},
      {"~/.ssh/", "~/.ssh"},
      {"~/a/../b", "~/b"},
      {"/opt//x/.", "/opt/x"},
      {"/..", "/"},
      {"a b", "a b"},
      {"[id]/x", "[id]/x"},
      {"app/[...slug]", "app/[...slug]"},
      {"-rf", "-rf"},
      {"..a", "..a"},
      {"C:\\a\\..\\b", "C:\\b"},
      {"c:/x", "C:\\x"},
      {"/a\\b", "/a\\b"},
      {"a\nb", "a\nb"},
      {"./ name/", " name"},
      {"a[*]b", "a[*]b"},
      {"$file/x", "$file/x"},
  };
  for (const auto& c : kCases) {
    const auto checked = CheckPathText(c.text, false);
    if (std::string(c.text) == "$file/x") {
      EXPECT_FALSE(checked.ok());  // looks like a variable; "./$file/x" is the way to write it
      EXPECT_EQ(*CheckPathText("./$file/x", false), c.canonical);
      continue;
    }
    ASSERT_TRUE(checked.ok()) << c.text << ": " << checked.status();
    EXPECT_EQ(*checked, c.canonical) << c.text;
  }
  EXPECT_EQ(*CheckPathText("**/.env", true), "**/.env");
  EXPECT_EQ(*CheckPathText("./a/*/b?/", true), "a/*/b?");
}

TEST(PathTextTest, SlipsAreErrors) {
  const struct {
    const char* text;
    bool globs;
    const char* message;
  } kCases[] = {
      {"", true, "is empty"},
      {" ~/.ssh", true, "begins or ends with a blank"},
      {"~/.ssh ", true, "begins or ends with a blank"},
      {"~/.ssh\n", true, "begins or ends with a blank"},
      {"..", true, "leaves the workspace"},
      {"../x", true, "leaves the workspace"},
      {"a/../../x", true, "leaves the workspace"},
      {"~/..", true, "leaves the home directory"},
      {"~root/.ssh", true, "names another user's home directory"},
      {"./~x", true, "begins with ~"},
      {"$HOME/.ssh", true, "begins with a variable"},
      {"${HOME}/.ssh", true, "begins with a variable"},
      {"%USERPROFILE%\\x", true, "begins with a variable"},
      {"file:///etc", true, "is a URL"},
      {"src\\secrets", true, "holds a backslash"},
      {"\\\\?\\C:\\x", true, "is a device path"},
      {"\\\\.\\C:\\x", false, "is a device path"},
      {"C:\\x:s", true, "names a stream"},
      {"C:\\x\\nul.txt", true, "takes for a device"},
      {"C:\\a<b", true, "holds <"},
      {"C:\\a[*]", true, "holds *"},
      {"C:\\a*", false, "holds a wildcard"},
      {"\\\\server", true, "without a server or without a share"},
      {"a*", false, "holds a wildcard; only denials take globs"},
      {"a?", false, "holds a wildcard"},
      {"[a-z]*.pem", true, "holds a character class"},
      {"[!a]*", true, "holds a character class"},
      {"**/{.env,.pem}", true, "holds a list in braces"},
      {"a**/b", true, "** must be a whole component"},
  };
  for (const auto& c : kCases) {
    const auto checked = CheckPathText(c.text, c.globs);
    ASSERT_FALSE(checked.ok()) << c.text;
    EXPECT_THAT(std::string(checked.status().message()), HasSubstr(c.message)) << c.text;
  }
  EXPECT_FALSE(CheckPathText(absl::string_view("a\0b", 3), true).ok());
  EXPECT_TRUE(CheckPathText("{a,b}", true).ok()) << "a plain name may hold braces";
}

TEST(PathCoversTest, AsFarAsTextCanTell) {
  const PathRoots kKnown{"/home/me/ws", "/home/me"}, kUnknown;
  const struct {
    const char* root;
    const char* path;
    bool known, unknown;
  } kCases[] = {
      {".", "src", true, true},
      {".", ".", true, true},
      {"src", ".", false, false},
      {"src", "srcs", false, false},
      {".", "/home/me/ws/src", true, false},
      {".", "/home/me/wsx", false, false},
      {"~", "~/.ssh", true, true},
      {"~", ".", true, false},
      {"/home/me", "~/.ssh", true, false},
      {"~/ws", "src", true, false},
      {"/opt", "/opt/x", true, true},
      {"/", "/opt", true, true},
      {"/opt", ".", false, false},
      {"**", ".", true, true},
      {"**/*", "src", true, true},
      {"**/*", ".", true, true},
      {"*", "src/deep", true, true},
      {"*", ".", false, false},
      {"src/*.c", "src/a.c", true, true},
      {"src/*.c", "src", false, false},
      {"C:\\a", "c:\\A\\b", true, true},
      {"C:\\Program Files", "C:\\PROGRA~1\\b", false, false},  // perhaps, and a bound needs more
      {"C:\\a", "D:\\a", false, false},
      {"C:\\a", "src", false, false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(PathCovers(c.root, c.path, kKnown), c.known) << c.root << " " << c.path;
    EXPECT_EQ(PathCovers(c.root, c.path, kUnknown), c.unknown) << c.root << " " << c.path;
  }
}

TEST(ElementTest, EachTypeHasItsForm) {
  const struct {
    Key key;
    const char* text;
    const char* canonical;  // nullptr: refused
  } kCases[] = {
      {Key::kNetworkAllow, "registry.npmjs.org", "registry.npmjs.org"},
      {Key::kNetworkAllow, "Registry.NPMjs.org:443", "registry.npmjs.org:443"},
      {Key::kNetworkAllow, "*.npmjs.org:0443", "*.npmjs.org:443"},
      {Key::kNetworkAllow, "localhost", "localhost"},
      {Key::kNetworkAllow, "_srv.example.org", "_srv.example.org"},
      {Key::kNetworkAllow, "192.168.1.1:80", "192.168.1.1:80"},
      {Key::kNetworkAllow, "[2001:DB8::1]:443", "[2001:db8::1]:443"},
      {Key::kNetworkAllow, "*", nullptr},
      {Key::kNetworkAllow, "*.*.org", nullptr},
      {Key::kNetworkAllow, "a.*.org", nullptr},
      {Key::kNetworkAllow, "*org", nullptr},
      {Key::kNetworkAllow, "*.1.2.3", nullptr},
      {Key::kNetworkAllow, "https://a.org", nullptr},
      {Key::kNetworkAllow, "10.0.0.0/8", nullptr},
      {Key::kNetworkAllow, "256.1.1.1", nullptr},
      {Key::kNetworkAllow, "1.2.3", nullptr},
      {Key::kNetworkAllow, "::1", nullptr},
      {Key::kNetworkAllow, "[x]", nullptr},
      {Key::kNetworkAllow, "a.org:", nullptr},
      {Key::kNetworkAllow, "a.org:0", nullptr},
      {Key::kNetworkAllow, "a.org:65536", nullptr},
      {Key::kNetworkAllow, "a.org:https", nullptr},
      {Key::kNetworkAllow, "-a.org", nullptr},
      {Key::kNetworkAllow, "a..org", nullptr},
      {Key::kNetworkAllow, "a.org.", nullptr},
      {Key::kNetworkAllow, "a b", nullptr},
      {Key::kNetworkAllow, "", nullptr},
      {Key::kInherit, "PATH", "PATH"},
      {Key::kInherit, "LC_*", "LC_*"},
      {Key::kInherit, "*", "*"},
      {Key::kInherit, "ProgramFiles(x86)", "ProgramFiles(x86)"},
      {Key::kInherit, "A=B", nullptr},
      {Key::kInherit, "*_X", nullptr},
      {Key::kInherit, "A B", nullptr},
      {Key::kInherit, "", nullptr},
      {Key::kScrub, "*_TOKEN*", "*_TOKEN*"},
      {Key::kScrub, "A=*", nullptr},
      {Key::kCapabilities, "internetClient", "internetClient"},
      {Key::kCapabilities, "a b", nullptr},
      {Key::kBackendAllow, "linux_landlock", "linux_landlock"},
      {Key::kBackendAllow, "linux_landlock:landlock", nullptr},
      {Key::kBackendAllow, "Linux", nullptr},
      {Key::kBackendForced, "linux_landlock:landlock", "linux_landlock:landlock"},
      {Key::kBackendForced, "linux_landlock:", nullptr},
      {Key::kUnixSockets, "/run/docker.sock", "/run/docker.sock"},
      {Key::kUnixSockets, "/run/*.sock", nullptr},
  };
  for (const auto& c : kCases) {
    const auto checked = CheckElement(InfoOf(c.key), c.text);
    if (c.canonical == nullptr) {
      EXPECT_FALSE(checked.ok()) << KeyPath(c.key) << " " << c.text;
      continue;
    }
    ASSERT_TRUE(checked.ok()) << KeyPath(c.key) << " " << c.text << ": " << checked.status();
    EXPECT_EQ(*checked, c.canonical);
  }
}

TEST(MessageTest, QuotesAreShortAndHarmless) {
  EXPECT_EQ(Quote("a\x1b[31m\"\n"), "\"a\\x1b[31m\\\"\\n\"");
  EXPECT_LT(Quote(std::string(1 << 20, '\xff')).size(), 400u);
  EXPECT_EQ(DidYouMean("wirte", {"read", "write"}), "; did you mean `write`?");
  EXPECT_EQ(DidYouMean("x", {"read", "write"}), "");
  EXPECT_EQ(DidYouMean(std::string(100000, 'a'), {"read"}), "");
}

TEST(SchemaTest, TheTableIsInTheOrderOfItsEnum) {
  ASSERT_EQ(PolicyKeys().size(), kKeyCount);
  for (size_t i = 0; i < kKeyCount; ++i) EXPECT_EQ(static_cast<size_t>(PolicyKeys()[i].key), i);
  for (const KeyInfo& info : PolicyKeys()) {
    EXPECT_FALSE(info.help.empty());
    if (info.type != KeyType::kChoice || info.tighten != Tighten::kStricter) continue;
    EXPECT_EQ(info.strictness.size(), info.values.size()) << KeyPath(info.key);
  }
}

}  // namespace
}  // namespace paddock
