#include "core/base/windows_name.h"

#include <gtest/gtest.h>

#include <string>

namespace paddock {
namespace {

TEST(WindowsNameTest, Devices) {
  const struct {
    const char* name;
    WindowsDevice device;
  } kCases[] = {
      {"CON", WindowsDevice::kBeforeWindows11},
      {"con", WindowsDevice::kBeforeWindows11},
      {"PRN", WindowsDevice::kBeforeWindows11},
      {"AuX", WindowsDevice::kBeforeWindows11},
      {"NUL", WindowsDevice::kAlways},
      {"nul", WindowsDevice::kAlways},
      {"nul ", WindowsDevice::kAlways},
      {"nul. .", WindowsDevice::kAlways},
      {"nul.txt", WindowsDevice::kBeforeWindows11},
      {"nul.tar.gz", WindowsDevice::kBeforeWindows11},
      {"nul .txt", WindowsDevice::kBeforeWindows11},
      {"aux.c", WindowsDevice::kBeforeWindows11},
      {"con:s", WindowsDevice::kBeforeWindows11},
      {"COM1", WindowsDevice::kBeforeWindows11},
      {"com9.log", WindowsDevice::kBeforeWindows11},
      {"LPT1", WindowsDevice::kBeforeWindows11},
      {"lpt9 ", WindowsDevice::kBeforeWindows11},
      {"COM\xC2\xB9", WindowsDevice::kBeforeWindows11},
      {"COM\xC2\xB2", WindowsDevice::kBeforeWindows11},
      {"lpt\xC2\xB3.x", WindowsDevice::kBeforeWindows11},
      {"CONIN$", WindowsDevice::kBeforeWindows11},
      {"conout$", WindowsDevice::kBeforeWindows11},
      {"COM0", WindowsDevice::kNo},
      {"LPT0", WindowsDevice::kNo},
      {"COM10", WindowsDevice::kNo},
      {"COM", WindowsDevice::kNo},
      {"COM\xE2\x81\xB4", WindowsDevice::kNo},  // superscript four is no digit of code page 1252
      {"CON1", WindowsDevice::kNo},
      {"conf", WindowsDevice::kNo},
      {"a.con", WindowsDevice::kNo},
      {" con", WindowsDevice::kNo},
      {".con", WindowsDevice::kNo},
      {"CONIN", WindowsDevice::kNo},
      {"null", WindowsDevice::kNo},
      {"auxiliary", WindowsDevice::kNo},
      {"", WindowsDevice::kNo},
  };
  for (const auto& c : kCases) EXPECT_EQ(DeviceOfName(c.name), c.device) << c.name;
}

TEST(WindowsNameTest, ShortNames) {
  for (const char* name : {"PROGRA~1", "progra~2", "GIT~1", "A~1", "A1B2~3.TXT", "LONGNA~1.C", "ABCDE~10", "X~1.JSO",
                           "MCP~1.JSO", "ENV~1", "RUNNER~1", "\xC3\x89~1"}) {
    EXPECT_TRUE(MayBeShortName(name)) << name;
  }
  for (const char* name : {"", "~1", "a", "program files", "PROGRAM~1", "ABCDEFGH~1", "a~", "a~b", "a~1b", "x~1.json",
                           "a b~1", "x~1.", "x~1.a.b", ".env", "file.t~1", "~"}) {
    EXPECT_FALSE(MayBeShortName(name)) << name;
  }
}

TEST(WindowsNameTest, Matches) {
  const struct {
    const char* a;
    const char* b;
    NameMatch match;
    NameMatch in_wsl;
  } kCases[] = {
      {"a", "a", NameMatch::kSame, NameMatch::kSame},
      {"a", "A", NameMatch::kSame, NameMatch::kCase},
      {"Program Files", "PROGRAM FILES", NameMatch::kSame, NameMatch::kCase},
      {"a", "b", NameMatch::kDifferent, NameMatch::kDifferent},
      {"a", "ab", NameMatch::kDifferent, NameMatch::kDifferent},
      {"[", "{", NameMatch::kDifferent, NameMatch::kDifferent},  // differ in the same bit as letters do
      {"@", "`", NameMatch::kDifferent, NameMatch::kDifferent},
      {"\xC3\xA9", "\xC3\xA9", NameMatch::kSame, NameMatch::kSame},
      {"\xC3\xA9", "\xC3\x89", NameMatch::kCase, NameMatch::kCase},  // e and E with acute
      {"caf\xC3\xA9", "CAF\xC3\x89", NameMatch::kCase, NameMatch::kCase},
      {"caf\xC3\xA9", "CAF\xC3\xA9", NameMatch::kSame, NameMatch::kCase},
      {"\xCF\x83", "\xCF\x82", NameMatch::kCase, NameMatch::kCase},     // two small sigmas
      {"\xC4\xB1", "I", NameMatch::kCase, NameMatch::kCase},            // dotless i, in some tables
      {"\xE2\x84\xAA", "k", NameMatch::kCase, NameMatch::kCase},        // Kelvin
      {"\xC3\xA9", "1", NameMatch::kDifferent, NameMatch::kDifferent},  // no digit is a letter's other case
      {"stra\xC3\x9F"
       "e",
       "STRASSE", NameMatch::kDifferent, NameMatch::kDifferent},                // tables map one unit to one
      {"e\xCC\x81", "\xC3\xA9", NameMatch::kDifferent, NameMatch::kDifferent},  // no normalisation on NTFS
      {"caf\xC3\xA9", "caff\xC3\xA9", NameMatch::kDifferent, NameMatch::kDifferent},
      {"\xF0\x90\x90\x80", "\xF0\x90\x90\xA8", NameMatch::kCase, NameMatch::kCase},  // Deseret, outside the BMP
      {"x\xED\xA0\x80", "X\xED\xA0\x80", NameMatch::kSame, NameMatch::kCase},
      {"PROGRA~1", "Program Files", NameMatch::kShort, NameMatch::kShort},
      {"Program Files", "PROGRA~1", NameMatch::kShort, NameMatch::kShort},
      {"progra~1", "PROGRA~1", NameMatch::kSame, NameMatch::kCase},
      {"PROGRA~1", "PROGRA~2", NameMatch::kShort, NameMatch::kShort},
      {"GIT~1", ".git", NameMatch::kShort, NameMatch::kShort},
      {"a", "a.", NameMatch::kTrailing, NameMatch::kTrailing},
      {"a ", "A", NameMatch::kTrailing, NameMatch::kTrailing},
      {"a..", "a ", NameMatch::kTrailing, NameMatch::kTrailing},
      {"a.b", "a", NameMatch::kDifferent, NameMatch::kDifferent},
      {" a", "a", NameMatch::kDifferent, NameMatch::kDifferent},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(MatchWindowsNames(c.a, c.b, false), c.match) << c.a << " " << c.b;
    EXPECT_EQ(MatchWindowsNames(c.b, c.a, false), c.match) << c.b << " " << c.a;
    EXPECT_EQ(MatchWindowsNames(c.a, c.b, true), c.in_wsl) << c.a << " " << c.b << " in a distribution";
  }
}

}  // namespace
}  // namespace paddock
