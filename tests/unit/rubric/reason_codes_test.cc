#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/rubric/rubric.h"
#include "tests/support/golden.h"

// The table of reason codes against the sources: what is emitted is documented, what is documented is emitted.

namespace paddock {
namespace {

const std::string& TablePath() {
  static const std::string kPath = "core/base/reason_codes.cc";
  return kPath;
}

std::map<std::string, std::string> Sources() {
  std::map<std::string, std::string> sources;
  for (const char* folder : {"core", "backends", "compose", "provision", "cli", "capi", "service"}) {
    const std::filesystem::path root = SourcePath(folder);
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cc" && extension != ".h") continue;
      const std::string relative = std::filesystem::relative(entry.path(), SourcePath("")).generic_string();
      if (relative != TablePath()) sources[relative] = ReadSource(relative);
    }
  }
  return sources;
}

TEST(ReasonCodesTest, TheTableIsSortedAndComplete) {
  const auto& table = ReasonCodes();
  ASSERT_FALSE(table.empty());
  for (size_t i = 0; i < table.size(); ++i) {
    EXPECT_FALSE(table[i].meaning.empty()) << table[i].code;
    EXPECT_FALSE(table[i].remedy.empty()) << table[i].code;
    EXPECT_TRUE(std::all_of(table[i].code.begin(), table[i].code.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    })) << table[i].code;
    if (i > 0) {
      EXPECT_LT(table[i - 1].code, table[i].code);
    }
  }
}

TEST(ReasonCodesTest, WhatIsEmittedIsInTheTable) {
  // MakeReason("code", ...), ReasonError(absl::StatusCode::kX, "code:argument", ...), builder.Block("code", ...).
  const std::regex emits(
      R"re((MakeReason|ReasonError|Block|WeakenedBy)\(\s*(absl::StatusCode::\w+,\s*)?(absl::StrCat\(\s*)?"([^":]*)[:"])re");
  std::set<std::string> seen;
  for (const auto& [path, text] : Sources()) {
    for (std::sregex_iterator match(text.begin(), text.end(), emits), end; match != end; ++match) {
      const std::string code = (*match)[4];
      seen.insert(code);
      EXPECT_NE(FindReasonCode(code), nullptr) << path << " emits '" << code << "', which has no row";
    }
  }
  // The control: the pattern finds what is there.
  EXPECT_GT(seen.size(), 30u);
  EXPECT_EQ(seen.count("guarantee_unreachable"), 1u);
}

TEST(ReasonCodesTest, WhatIsInTheTableIsEmitted) {
  const auto sources = Sources();
  for (const ReasonCode& row : ReasonCodes()) {
    const bool used = std::any_of(sources.begin(), sources.end(), [&row](const auto& source) {
      return absl::StrContains(source.second, absl::StrCat("\"", row.code, "\"")) ||
             absl::StrContains(source.second, absl::StrCat("\"", row.code, ":"));
    });
    EXPECT_TRUE(used) << row.code << " is emitted nowhere";
  }
}

TEST(ReasonCodesTest, RulesRefuseWithKnownCodes) {
  for (const Rule& rule : Rules()) {
    EXPECT_FALSE(rule.when_text.empty() || rule.why.empty() || rule.source.empty()) << rule.id;
    EXPECT_EQ(rule.adds.empty(), !rule.reason_if_empty.empty()) << rule.id;
    if (!rule.adds.empty()) continue;
    EXPECT_NE(FindReasonCode(rule.reason_if_empty), nullptr) << rule.id;
  }
}

}  // namespace
}  // namespace paddock
