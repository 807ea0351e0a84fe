#include "cli/manual_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/roff.h"
#include "core/policy/guarantee.h"
#include "core/policy/schema.h"

namespace paddock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const PageStamp kStamp = {"2026-01-02", "9.8.7"};

std::string Escaped(absl::string_view text) { return absl::StrReplaceAll(text, {{"-", "\\-"}}); }

TEST(ManualPage, TextIsNeverARequest) {
  ManualPage page("x-y", 1, "does 'x' - or \\fB", "2026-01-02", "1");
  page.Section("Ex.am'ple");
  page.Paragraph(".so /etc/passwd");
  page.Paragraph("one. .two. 'three");
  page.Item("--a-b", " X", "'quoted' a-b --c `d-e`");
  page.Example(".sh\n'it\\n'");
  EXPECT_EQ(page.text(),
            ".TH X\\-Y 1 2026-01-02 \"paddock 1\" \"Paddock Manual\"\n.nh\n.ad l\n.SH NAME\n"
            "x\\-y \\- does \\(aqx\\(aq \\- or \\efB\n"
            ".SH EX.AM\\(aqPLE\n"
            "\\&.so /etc/passwd\n"
            ".PP\none.\n\\&.two.\n\\(aqthree\n"
            ".TP\n\\fB\\-\\-a\\-b\\fR X\n\\(aqquoted\\(aq a-b \\-\\-c \\fBd\\-e\\fR\n"
            ".PP\n.RS 4\n.EX\n\\&.sh\n\\(aqit\\en\\(aq\n.EE\n.RE\n");
}

TEST(ManualPages, OneForTheToolEachCommandAndThePolicy) {
  const Manual manual = ReadManual();
  const std::vector<PageFile> pages = ManualPages(manual, kStamp);
  ASSERT_EQ(pages.size(), manual.commands.size() + 2);
  EXPECT_EQ(pages.front().path, "man1/paddock.1");
  EXPECT_EQ(pages.back().path, "man5/paddock-policy.5");
  for (size_t i = 0; i < manual.commands.size(); ++i) {
    const CommandEntry& command = manual.commands[i];
    const PageFile& page = pages[i + 1];
    EXPECT_EQ(page.path, absl::StrCat("man1/paddock-", command.name, ".1"));
    EXPECT_THAT(page.text, HasSubstr("2026-01-02 \"paddock 9.8.7\""));
    EXPECT_THAT(pages.front().text, HasSubstr(absl::StrCat("\\fBpaddock\\-", command.name, "\\fR(1)")));
    for (const OptionEntry& option : command.options) EXPECT_THAT(page.text, HasSubstr(Escaped(option.names.back())));
    for (const ManualLine& status : command.statuses) EXPECT_THAT(page.text, HasSubstr(Escaped(status.left)));
  }
}

TEST(PolicyPage, NamesEveryKeyOfTheSchema) {
  const std::string page = PolicyPage(kStamp);
  const Json schema = PolicyJsonSchema();
  size_t keys = 0;
  for (const auto& section : schema["properties"].items()) {
    if (section.key() == "$schema") continue;
    if (!section.value().contains("properties") || section.key() == "require") {
      EXPECT_THAT(page, HasSubstr(absl::StrCat("\n\\fB", section.key(), "\\fR\n")));
      ++keys;
      continue;
    }
    for (const auto& key : section.value()["properties"].items()) {
      EXPECT_THAT(page, HasSubstr(absl::StrCat("\n\\fB", section.key(), ".", key.key(), "\\fR\n")));
      ++keys;
    }
  }
  EXPECT_EQ(keys, PolicyKeys().size() - 1);  // all but --backend
}

TEST(PolicyPage, EveryLevelMeansWhatTheDocumentationSays) {
  std::ifstream file(PADDOCK_SOURCE_DIR "/docs/policy.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string documentation = text.str();
  for (const Guarantee guarantee : kAllGuarantees) {
    for (size_t level = 0; level < LevelCount(guarantee); ++level) {
      const absl::string_view name = LevelName(guarantee, static_cast<Level>(level));
      const absl::string_view meaning = LevelMeaning(GuaranteeName(guarantee), name);
      EXPECT_THAT(std::string(meaning), Not(IsEmpty())) << GuaranteeName(guarantee) << "=" << name;
      EXPECT_THAT(documentation, HasSubstr(absl::StrCat("| `", name, "` | ", meaning, " |")));
    }
  }
}

}  // namespace
}  // namespace paddock::cli
