#include "cli/page.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/escape.h"

namespace paddock::cli {
namespace {

TEST(Page, WrapsBetweenWordsAndAligns) {
  Page page(false);
  std::string words;
  for (int i = 0; i < 60; ++i) absl::StrAppend(&words, "word", i, " ");
  page.Paragraph(2, words, Style::kPlain, "- ");
  const std::vector<std::string> lines = absl::StrSplit(page.text(), '\n', absl::SkipEmpty());
  ASSERT_GT(lines.size(), 2u);
  EXPECT_TRUE(absl::StartsWith(lines[0], "  - word0 "));
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_LE(lines[i].size(), kPageWidth);
    EXPECT_TRUE(i == 0 || absl::StartsWith(lines[i], "    word")) << lines[i];
  }
}

TEST(Page, ALongPathStaysInOnePiece) {
  Page page(false);
  const std::string path = "/" + std::string(150, 'x');
  page.Paragraph(2, "see " + path + " there");
  EXPECT_TRUE(absl::StrContains(page.text(), path));
}

TEST(Page, ALineToBeCopiedIsNeverWrapped) {
  Page page(true);
  const std::string line = "sudo  x " + std::string(90, 'y') + " z";
  page.Line(4, line);
  page.Line(0, "a\nb\x1b[2J");
  EXPECT_EQ(page.text(), "    " + line + "\na\\nb\\x1B[2J\n");
}

TEST(Page, EscapesEveryPiece) {
  Page page(true);
  page.Heading("a\x1b[2J");
  page.Paragraph(0, "b\nc\x9b", Style::kBad, "d\x07");
  page.Table(0, {{{"e\x1b]0;x\x07", Style::kGood}, {"f\rg"}}});
  std::string text = page.text();
  for (const absl::string_view own : {"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m"}) {
    for (size_t at; (at = text.find(own.data(), 0, own.size())) != std::string::npos;) text.erase(at, own.size());
  }
  EXPECT_EQ(text, "a\\x1B[2J\nd\\x07b\\nc\\x9B\ne\\x1B]0;x\\x07  f\\rg\n");
}

TEST(Page, NoSequencesWithoutColour) {
  Page page(false);
  page.Heading("title");
  page.Paragraph(0, "bad", Style::kBad);
  EXPECT_EQ(page.text(), "title\nbad\n");
}

TEST(Page, TableAlignsByWhatIsSeen) {
  Page page(false);
  page.Table(1, {{{"gr\xC3\xBCn"}, {"x"}}, {{"rot\n"}, {"y"}}, {{"a"}}});
  EXPECT_EQ(page.text(), " gr\xC3\xBCn   x\n rot\\n  y\n a\n");
}

}  // namespace
}  // namespace paddock::cli
