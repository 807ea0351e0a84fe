#include "core/base/utf16.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace paddock {
namespace {

using testing::HasSubstr;

TEST(Utf16Test, ConvertsBothWays) {
  const struct {
    std::string text;
    std::u16string units;
  } kCases[] = {
      {"", u""},
      {"abc", u"abc"},
      {std::string("a\0b", 3), std::u16string(u"a\0b", 3)},
      {"\x7F", u"\x7F"},
      {"\xC2\x80", u"\x80"},
      {"\xC3\xA9", u"\xE9"},
      {"\xDF\xBF", u"\x7FF"},
      {"\xE0\xA0\x80", u"\x800"},
      {"\xE2\x82\xAC", u"\x20AC"},
      {"\xEF\xBF\xBF", u"\xFFFF"},
      {"\xF0\x90\x80\x80", u"\U00010000"},
      {"\xF0\x9F\x98\x80", u"\U0001F600"},
      {"\xF4\x8F\xBF\xBF", u"\U0010FFFF"},
      // Halves of a pair alone: a name on NTFS may hold them.
      {"a\xED\xA0\x80", {u'a', 0xD800}},
      {"\xED\xBF\xBF", {0xDFFF}},
      {"\xED\xB0\x80\xED\xA0\x80", {0xDC00, 0xD800}},
      {"\xED\xA0\x80\xED\xA0\x80", {0xD800, 0xD800}},
      {"\xED\xA0\x80x\xED\xB0\x80", {0xD800, u'x', 0xDC00}},
      {"\xF0\x90\x80\x80\xED\xB0\x80", {0xD800, 0xDC00, 0xDC00}},
  };
  for (const auto& c : kCases) {
    const auto units = Utf8ToUtf16(c.text);
    ASSERT_TRUE(units.ok()) << units.status();
    EXPECT_EQ(*units, c.units);
    EXPECT_EQ(Utf16ToUtf8(c.units), c.text);
    EXPECT_EQ(Utf16Length(c.text), c.units.size());
  }
}

TEST(Utf16Test, RefusesWhatIsNotWtf8) {
  const struct {
    const char* text;
    const char* why;
  } kCases[] = {
      {"\x80", "byte 0"},
      {"ab\xBF", "byte 2"},
      {"\xC0\x80", "byte 0"},      // overlong NUL
      {"\xC1\xBF", "byte 0"},      // overlong
      {"\xE0\x80\xAF", "byte 0"},  // overlong slash
      {"\xE0\x9F\xBF", "byte 0"},
      {"\xF0\x8F\xBF\xBF", "byte 0"},
      {"\xF4\x90\x80\x80", "byte 0"},  // above U+10FFFF
      {"\xF5\x80\x80\x80", "byte 0"},
      {"\xFF", "byte 0"},
      {"a\xC3", "byte 1"},
      {"a\xE2\x82", "byte 1"},
      {"a\xF0\x9F\x98", "byte 1"},
      {"\xC3(", "byte 0"},
      {"\xE2(\xAC", "byte 0"},
      {"\xED\xA0\x80\xED\xB0\x80", "surrogate pair"},
      {"x\xED\xA0\xBD\xED\xB8\x80", "ends at byte 7"},
  };
  for (const auto& c : kCases) {
    const auto units = Utf8ToUtf16(c.text);
    ASSERT_FALSE(units.ok()) << c.why;
    EXPECT_THAT(std::string(units.status().message()), HasSubstr(c.why));
  }
}

TEST(Utf16Test, EveryStringOfUnitsComesBack) {
  std::mt19937 random(7);
  constexpr char16_t kUnits[] = {u'a', 0x80, 0x7FF, 0x800, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000, 0xFFFF};
  for (int round = 0; round < 20'000; ++round) {
    std::u16string units(random() % 8, u'\0');
    for (char16_t& unit : units) {
      unit = random() % 4 == 0 ? static_cast<char16_t>(random()) : kUnits[random() % std::size(kUnits)];
    }
    const std::string text = Utf16ToUtf8(units);
    const auto back = Utf8ToUtf16(text);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(*back, units);
    ASSERT_EQ(Utf16Length(text), units.size());
  }
}

}  // namespace
}  // namespace paddock
