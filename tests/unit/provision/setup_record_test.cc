#include "provision/setup_record.h"

#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "core/base/reason.h"

namespace paddock::provision {
namespace {

SetupRecord Record() {
  SetupRecord record;
  record.number = "00112233445566778899aabbccddeeff";
  record.owner = "S-1-5-21-1-2-3-500";
  record.steps = {{{StepKind::kGroup, "PaddockUsers", "comment {setup}"}, true, "S-1-5-21-1-2-3-1001"},
                  {{StepKind::kRight, "PaddockUsers", "SeInteractiveLogonRight"}, false, ""},
                  {{StepKind::kRight, "PaddockUsers", "SeDenyBatchLogonRight"}, false, ""}};
  return record;
}

TEST(SetupRecord, GoesThereAndBack) {
  const auto parsed = ParseSetupRecord(FormatSetupRecord(Record()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, Record());
  EXPECT_EQ(parsed->Account("PaddockUsers")->identity, "S-1-5-21-1-2-3-1001");
  EXPECT_EQ(parsed->Account("SeInteractiveLogonRight"), nullptr);
}

TEST(SetupRecord, RefusesAnythingElse) {
  const std::string good = FormatSetupRecord(Record());
  const std::pair<const char*, const char*> changes[] = {
      {"paddock.setup/1", "paddock.setup/2"},
      {"00112233445566778899aabbccddeeff", "0011"},
      {"S-1-5-21-1-2-3-500", "dev"},
      {"\"right\"", "\"left\""},
      {"\"made\"", "\"done\""},
      {"S-1-5-21-1-2-3-1001", "me"},
      {"SeDenyBatchLogonRight", "SeInteractiveLogonRight"},
      {"\"complete\": false", "\"complete\": 0"},
      {"\"owner\"", "\"more\": 1, \"owner\""},
  };
  for (const auto& [from, to] : changes) {
    const std::string bad = absl::StrReplaceAll(good, {{from, to}});
    ASSERT_NE(bad, good) << from;
    const auto parsed = ParseSetupRecord(bad);
    ASSERT_FALSE(parsed.ok()) << to;
    EXPECT_EQ(ReasonOf(parsed.status())->code, "setup_record_broken");
  }
  for (const std::string& bad :
       {std::string(), std::string("[]"), good.substr(0, good.size() / 2), std::string(kMaxSetupRecord + 1, ' ')}) {
    EXPECT_FALSE(ParseSetupRecord(bad).ok());
  }
}

}  // namespace
}  // namespace paddock::provision
