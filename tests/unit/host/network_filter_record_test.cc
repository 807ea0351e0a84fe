#include "core/host/network_filter_record.h"

#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"

namespace paddock {
namespace {

constexpr char kSetup[] = "0123456789abcdef0123456789abcdef";

TEST(NetworkFilterRecordTest, ComesBackAsItWas) {
  for (const bool holds : {false, true}) {
    const NetworkFilterRecord record = {kSetup, holds};
    EXPECT_EQ(ParseNetworkFilterRecord(FormatNetworkFilterRecord(record)).value(), record);
  }
}

TEST(NetworkFilterRecordTest, AnythingElseIsNone) {
  const std::string text = FormatNetworkFilterRecord({kSetup, true});
  ASSERT_TRUE(ParseNetworkFilterRecord(text).ok());
  EXPECT_FALSE(ParseNetworkFilterRecord("").ok());
  EXPECT_FALSE(ParseNetworkFilterRecord(text.substr(0, text.size() / 2)).ok());
  EXPECT_FALSE(ParseNetworkFilterRecord(absl::StrReplaceAll(text, {{"filter/1", "filter/2"}})).ok());
  EXPECT_FALSE(ParseNetworkFilterRecord(absl::StrReplaceAll(text, {{"true", "1"}})).ok());
  EXPECT_FALSE(ParseNetworkFilterRecord(absl::StrReplaceAll(text, {{"true", "true, \"more\": 1"}})).ok());
}

TEST(NetworkFilterRecordTest, TheFactIsOfThisSetup) {
  const std::string holds = FormatNetworkFilterRecord({kSetup, true});
  EXPECT_TRUE(NetworkFilterFact(holds, kSetup).yes());
  EXPECT_TRUE(NetworkFilterFact(FormatNetworkFilterRecord({kSetup, false}), kSetup).no());
  EXPECT_TRUE(NetworkFilterFact(holds, "fedcba9876543210fedcba9876543210").unknown());
  EXPECT_TRUE(NetworkFilterFact(absl::NotFoundError("none"), kSetup).unknown());
  EXPECT_TRUE(NetworkFilterFact(absl::PermissionDeniedError("no"), kSetup).unknown());
  EXPECT_TRUE(NetworkFilterFact(std::string("rubbish"), kSetup).unknown());
}

}  // namespace
}  // namespace paddock
