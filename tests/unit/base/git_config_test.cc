#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/git_config.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "section|subsection|key|value" of each entry.
std::vector<std::string> Parse(absl::string_view text) {
  std::vector<std::string> lines;
  for (const GitConfigEntry& entry : ParseGitConfig(text)) {
    lines.push_back(absl::StrCat(entry.section, "|", entry.subsection, "|", entry.key, "|", entry.value));
  }
  return lines;
}

TEST(GitConfigTest, SectionsAndKeysIgnoreCaseSubsectionsDoNot) {
  EXPECT_THAT(Parse("[CORE]\n\tHooksPath = Hooks\n[Remote \"Origin\"]\nURL=x\n"),
              ElementsAre("core||hookspath|Hooks", "remote|Origin|url|x"));
}

TEST(GitConfigTest, OddButValidForms) {
  EXPECT_THAT(Parse("\xef\xbb\xbf[core] hooksPath = a # same line\n"), ElementsAre("core||hookspath|a"));
  EXPECT_THAT(Parse("[include]\r\n path = x y \t\r\n"), ElementsAre("include||path|x y"));
  EXPECT_THAT(Parse("[a]\nflag\nother ; comment\n"), ElementsAre("a||flag|", "a||other|"));
  EXPECT_THAT(Parse("[a.b]\nk=v"), ElementsAre("a|b|k|v"));
  EXPECT_THAT(Parse("[a \"q\\\"\\\\\"]\nk=v"), ElementsAre("a|q\"\\|k|v"));
}

TEST(GitConfigTest, QuotesEscapesAndContinuations) {
  EXPECT_THAT(Parse("[a]\nk = \" x # y \" ; z\n"), ElementsAre("a||k| x # y "));
  EXPECT_THAT(Parse("[a]\nk = one\\\n two\\tthree\n"), ElementsAre("a||k|one two\tthree"));
  EXPECT_THAT(Parse("[a]\nk = x\\\r\ny\n"), ElementsAre("a||k|xy"));
  EXPECT_THAT(Parse("[a]\nk = a\"b c\"d  \n"), ElementsAre("a||k|ab cd"));
}

TEST(GitConfigTest, DamagedInputEnds) {
  EXPECT_THAT(Parse(""), IsEmpty());
  EXPECT_THAT(Parse("["), IsEmpty());
  EXPECT_THAT(Parse("[a \""), IsEmpty());
  EXPECT_THAT(Parse("[a \"\\"), IsEmpty());
  EXPECT_THAT(Parse("= = =\n?\n]\n"), IsEmpty());
  EXPECT_THAT(Parse("[a]\nk = \"open\nl = 2\n"), ElementsAre("a||k|open", "a||l|2"));
  EXPECT_THAT(Parse("[a]\nk = \\"), ElementsAre("a||k|"));
  EXPECT_THAT(Parse(std::string("[a]\nk\0 = x\nl = y\n", 17)), ElementsAre("a||k|", "a||l|y"));
}

}  // namespace
}  // namespace paddock
