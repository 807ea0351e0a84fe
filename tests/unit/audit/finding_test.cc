#include "core/audit/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace paddock::audit {
namespace {

TEST(FindingKinds, SortedEachOnceAndComplete) {
  const std::vector<FindingKind>& kinds = FindingKinds();
  for (size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_FALSE(kinds[i].title.empty() || kinds[i].why.empty()) << kinds[i].id;
    EXPECT_EQ(kinds[i].id.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), absl::string_view::npos) << kinds[i].id;
    if (i > 0) {
      EXPECT_LT(kinds[i - 1].id, kinds[i].id);
    }
    EXPECT_EQ(&KindOf(kinds[i].id), &kinds[i]);
  }
}

// Each row of the page is one of the table, and the other way round.
TEST(FindingKinds, AreThoseOfThePage) {
  std::ifstream file(absl::StrCat(PADDOCK_SOURCE_DIR, "/docs/audit.md"));
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::set<std::string> documented, known;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    if (!absl::StartsWith(line, "| `")) continue;
    documented.emplace(line.substr(3, line.find('`', 3) - 3));
  }
  for (const FindingKind& kind : FindingKinds()) known.emplace(kind.id);
  EXPECT_EQ(documented, known);
}

TEST(ShellWordTest, NamesThatAShellWouldTakeApart) {
  EXPECT_EQ(ShellWord("/ws/a-b_c.d"), "/ws/a-b_c.d");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's $(x)"), "'it'\\''s $(x)'");
  EXPECT_EQ(ShellWord("a\n1\x1b'\\\xff"), "$'a\\0121\\033\\'\\\\\\377'");
}

TEST(SummaryTest, CountsBySeverity) {
  std::vector<Finding> findings(4);
  findings[0].severity = findings[1].severity = Severity::kHigh;
  findings[2].severity = Severity::kMedium;
  const Summary summary = Summarize(findings);
  EXPECT_EQ(summary.high, 2u);
  EXPECT_EQ(summary.medium, 1u);
  EXPECT_EQ(summary.low, 0u);
  EXPECT_EQ(summary.info, 1u);
}

}  // namespace
}  // namespace paddock::audit
