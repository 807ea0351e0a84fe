#include "core/base/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace paddock {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(DurationTest, ParsesAndFormats) {
  const struct {
    const char* text;
    int64_t ms;
    const char* canonical;
  } kCases[] = {
      {"500ms", 500, "500ms"},
      {"10m", 600'000, "10m"},
      {"1h30m", 5'400'000, "1h30m"},
      {"90m", 5'400'000, "1h30m"},
      {"2d", 172'800'000, "2d"},
      {"1d2h3m4s5ms", 93'784'005, "1d2h3m4s5ms"},
      {"0s", 0, "0s"},
      {"0001s", 1000, "1s"},
      {"1m1ms", 60'001, "1m1ms"},
      {"36600d", 36600LL * 86'400'000, "36600d"},
  };
  for (const auto& c : kCases) {
    const auto parsed = ParseDuration(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text << ": " << parsed.status();
    EXPECT_EQ(parsed->count(), c.ms) << c.text;
    EXPECT_EQ(FormatDuration(*parsed), c.canonical);
  }
}

TEST(DurationTest, SaysWhatIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"", "is empty"},
      {"10", "has no unit"},
      {"1h30", "has no unit"},
      {"-1s", "is negative"},
      {"1.5h", "has a fraction"},
      {"1,5h", "has a fraction"},
      {"h", "does not begin with a number"},
      {" 1s", "does not begin with a number"},
      {"+1s", "does not begin with a number"},
      {"1 s", "unknown unit"},
      {"1S", "unknown unit \"S\""},
      {"10min", "unknown unit \"min\""},
      {"1s1s", "repeats a unit"},
      {"1s1h", "repeats a unit"},
      {"1m\n", "is no duration"},
      {"36601d", "longer than 100 years"},
      {"99999999999999999999d", "longer than 100 years"},
      {"18446744073709551617ms", "longer than 100 years"},
  };
  for (const auto& c : kCases) {
    const auto parsed = ParseDuration(c.text);
    ASSERT_FALSE(parsed.ok()) << c.text;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(c.message)) << c.text;
  }
}

TEST(SizeTest, ParsesAndFormats) {
  const struct {
    const char* text;
    uint64_t bytes;
    const char* canonical;
  } kCases[] = {
      {"0", 0, "0"},
      {"65536", 65536, "64KiB"},
      {"1500", 1500, "1500"},
      {"1500B", 1500, "1500"},
      {"64MiB", 64ull << 20, "64MiB"},
      {"4GiB", 4ull << 30, "4GiB"},
      {"1TiB", 1ull << 40, "1TiB"},
      {"1GB", 1'000'000'000, "1000000000"},
      {"3KB", 3000, "3000"},
      {"9223372036854775807", 9223372036854775807ull, "9223372036854775807"},
      {"8388607TiB", 8388607ull << 40, "8388607TiB"},
  };
  for (const auto& c : kCases) {
    const auto parsed = ParseSize(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text << ": " << parsed.status();
    EXPECT_EQ(*parsed, c.bytes) << c.text;
    EXPECT_EQ(FormatSize(*parsed), c.canonical);
    EXPECT_EQ(*ParseSize(FormatSize(*parsed)), *parsed);
  }
}

TEST(SizeTest, SaysWhatIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"", "is empty"},
      {"-1", "is negative"},
      {"1.5GiB", "has a fraction"},
      {"4G", "is ambiguous; write GiB (powers of 1024) or GB (of 1000)"},
      {"4g", "is ambiguous; write GiB"},
      {"4gib", "unknown unit \"gib\""},
      {"4 GiB", "unknown unit \" GiB\""},
      {"0x10", "unknown unit"},
      {"GiB", "does not begin with a number"},
      {"9223372036854775808", "is larger than"},
      {"8388608TiB", "is larger than"},
      {"99999999999999999999999", "is larger than"},
      {"1\x1b[31m", "unknown unit \"?[31m\""},
  };
  for (const auto& c : kCases) {
    const auto parsed = ParseSize(c.text);
    ASSERT_FALSE(parsed.ok()) << c.text;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(c.message)) << c.text;
  }
  EXPECT_LT(ParseSize(std::string(1 << 20, 'x')).status().message().size(), 200u) << "a message quotes no megabyte";
}

TEST(CountTest, DigitsAlone) {
  EXPECT_EQ(*ParseCount("512"), 512u);
  EXPECT_EQ(*ParseCount("0"), 0u);
  for (const char* text : {"", "-1", "1.0", "1e3", "0x10", "12 ", "many", "9223372036854775808"}) {
    EXPECT_FALSE(ParseCount(text).ok()) << text;
  }
}

}  // namespace
}  // namespace paddock
