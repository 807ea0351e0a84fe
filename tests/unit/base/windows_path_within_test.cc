#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/base/windows_path.h"

namespace paddock {
namespace {

using testing::HasSubstr;

constexpr PathDoubt kNone = PathDoubt::kNone;
constexpr Containment kYes = Containment::kYes, kNo = Containment::kNo, kUnknown = Containment::kUnknown;

struct WithinCase {
  const char* path;
  const char* root;
  Containment answer;
  PathDoubt doubt;
};

void Check(const WithinCase& c) {
  const auto path = WindowsPath::Parse(c.path), root = WindowsPath::Parse(c.root);
  ASSERT_TRUE(path.ok() && root.ok()) << c.path << " " << c.root;
  const WindowsContainment within = path->IsWithin(*root);
  EXPECT_EQ(within.answer, c.answer) << c.path << " in " << c.root << ": " << within.why;
  EXPECT_EQ(within.doubt, c.doubt) << c.path << " in " << c.root;
  EXPECT_EQ(within.why.empty(), c.answer != kUnknown);
  EXPECT_EQ(within.Certain(), c.answer == kYes);
  EXPECT_EQ(within.MayBe(), c.answer == kYes || (c.answer == kUnknown && c.doubt != PathDoubt::kVolume));
}

TEST(WindowsPathWithinTest, ByComponentAndWithoutCase) {
  const WithinCase kCases[] = {
      {R"(C:\WS\a)", R"(C:\ws)", kYes, kNone},
      {R"(C:\ws)", R"(C:\ws)", kYes, kNone},
      {R"(c:/ws/a/../b)", R"(C:\ws\b)", kYes, kNone},
      {R"(C:\ws)", R"(C:\)", kYes, kNone},
      {R"(C:\)", R"(C:\)", kYes, kNone},
      {R"(C:\)", R"(C:\ws)", kNo, kNone},
      {R"(C:\wsx)", R"(C:\ws)", kNo, kNone},
      {R"(C:\w)", R"(C:\ws)", kNo, kNone},
      {R"(C:\ws\..\x)", R"(C:\ws)", kNo, kNone},
      {R"(C:\ws\a)", R"(C:\ws\a\b)", kNo, kNone},
      {R"(C:\ws.\a)", R"(C:\ws)", kYes, kNone},
      {R"(C:\ws. )", R"(C:\ws)", kYes, kNone},
      {"C:\\caf\xC3\xA9\\x", "C:\\CAF\xC3\xA9", kYes, kNone},
      {"C:\\caf\xC3\xA9", "C:\\caf\xC3\x89", kUnknown, PathDoubt::kCase},
      {"C:\\\xC3\xA9\\a", "C:\\\xC3\x89\\b", kNo, kNone},
      {"C:\\\xC3\xA9\\a", "C:\\\xC3\x89\\A", kUnknown, PathDoubt::kCase},
      {R"(\\s\h\a)", R"(\\S\H)", kYes, kNone},
      {R"(\\s\h\ax)", R"(\\s\h\a)", kNo, kNone},
      {R"(C:a\b)", "C:a", kYes, kNone},
      {"a/b", "a", kYes, kNone},
      {"b", "a", kNo, kNone},
      {"a", ".", kYes, kNone},
      {"a", "..", kYes, kNone},
      {R"(..\a)", "..", kYes, kNone},
      {R"(..\a)", R"(..\..)", kYes, kNone},
      {R"(..\a)", R"(..\b)", kNo, kNone},
      {R"(\a\b)", R"(\a)", kYes, kNone},
  };
  for (const WithinCase& c : kCases) Check(c);
}

TEST(WindowsPathWithinTest, AllFormsOfAVolumeAreOne) {
  const WithinCase kCases[] = {
      {R"(\\?\C:\ws\a)", R"(C:\ws)", kYes, kNone},
      {R"(C:\ws\a)", R"(\\?\c:\ws)", kYes, kNone},
      {R"(\\.\C:\ws\a)", R"(C:\ws)", kYes, kNone},
      {"//?/c:/ws/a", R"(C:\WS)", kYes, kNone},
      {R"(\??\C:\ws\a)", R"(C:\ws)", kYes, kNone},
      {R"(\\?\C:\wsx)", R"(C:\ws)", kNo, kNone},
      {R"(\\?\UNC\s\h\a)", R"(\\s\h)", kYes, kNone},
      {R"(\\.\UNC\S\h\a)", R"(\\s\h)", kYes, kNone},
      {R"(\\s\h\a)", R"(\\?\UNC\s\h\b)", kNo, kNone},
      {R"(\\wsl$\Debian\home)", R"(\\wsl.localhost\debian)", kYes, kNone},
      {R"(\\?\UNC\wsl.localhost\Debian\home)", R"(\\wsl$\Debian)", kYes, kNone},
      {R"(\\.\pipe\x\y)", R"(\\?\PIPE\x)", kYes, kNone},
      {R"(\\?\Volume{B75E2C83-0000-0000-0000-602F00000000}\a)", R"(\\.\Volume{b75e2c83-0000-0000-0000-602f00000000}\)",
       kYes, kNone},
  };
  for (const WithinCase& c : kCases) Check(c);
}

TEST(WindowsPathWithinTest, WhatTextCannotDecide) {
  const WithinCase kCases[] = {
      // 8.3 aliases. A component that differs for certain, or the depth, still decides.
      {R"(C:\PROGRA~1\x)", R"(C:\Program Files)", kUnknown, PathDoubt::kShortName},
      {R"(C:\Program Files\x)", R"(C:\PROGRA~1)", kUnknown, PathDoubt::kShortName},
      {R"(C:\PROGRA~1\x)", R"(C:\progra~1)", kYes, kNone},
      {R"(C:\PROGRA~1)", R"(C:\PROGRA~2)", kUnknown, PathDoubt::kShortName},
      {R"(C:\ws\GIT~1\hooks)", R"(C:\ws\.git)", kUnknown, PathDoubt::kShortName},
      {R"(C:\ws\GIT~1\hooks)", R"(C:\ws\.git\config)", kNo, kNone},
      {R"(C:\PROGRA~1)", R"(C:\Program Files\x)", kNo, kNone},
      {R"(C:\Users\RUNNER~1\AppData)", R"(C:\Users\runneradmin\.ssh)", kNo, kNone},
      {R"(C:\Users\RUNNER~1\.ssh)", R"(C:\Users\runneradmin\.ssh)", kUnknown, PathDoubt::kShortName},
      {R"(\\?\C:\PROGRA~1)", R"(C:\Program Files)", kUnknown, PathDoubt::kShortName},
      // A drive and its administrative share, and a server under two names.
      {R"(\\localhost\C$\ws\a)", R"(C:\ws)", kUnknown, PathDoubt::kShare},
      {R"(c:\ws)", R"(\\?\UNC\127.0.0.1\c$\ws)", kUnknown, PathDoubt::kShare},
      {R"(\\localhost\C$\GIT~1)", R"(C:\.git)", kUnknown, PathDoubt::kShare},
      {R"(\\server\a)", R"(\\server.example.org\a)", kUnknown, PathDoubt::kShare},
      {R"(\\localhost\C$\x)", R"(C:\ws)", kUnknown, PathDoubt::kVolume},
      {R"(\\localhost\D$\ws)", R"(C:\ws)", kUnknown, PathDoubt::kVolume},
      {R"(\\server\a\x)", R"(\\server.example.org\a\y)", kUnknown, PathDoubt::kVolume},
      // Drives, shares and volumes that may show each other's directories.
      {R"(D:\ws)", R"(C:\)", kUnknown, PathDoubt::kVolume},
      {R"(C:\ws)", R"(D:\)", kUnknown, PathDoubt::kVolume},
      {R"(C:\ws)", R"(\\server\share)", kUnknown, PathDoubt::kVolume},
      {R"(\\server\a)", R"(\\server\b)", kUnknown, PathDoubt::kVolume},
      {R"(\\wsl$\Debian\mnt\c\ws)", R"(C:\ws)", kUnknown, PathDoubt::kVolume},
      {R"(\\wsl$\Debian\a)", R"(\\wsl$\Ubuntu\a)", kUnknown, PathDoubt::kVolume},
      {R"(\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\ws)", R"(C:\ws)", kUnknown, PathDoubt::kVolume},
      {R"(\\?\GLOBALROOT\Device\HarddiskVolume3\ws)", R"(C:\ws)", kUnknown, PathDoubt::kVolume},
      {R"(\\.\C:)", R"(C:\)", kUnknown, PathDoubt::kVolume},
      {R"(\\.\PhysicalDrive0)", R"(C:\ws)", kUnknown, PathDoubt::kVolume},
      // Case, where the volume has its own mind.
      {R"(\\wsl$\Debian\home\Me)", R"(\\wsl$\Debian\home\me)", kUnknown, PathDoubt::kCase},
      {R"(\\wsl$\Debian\home\me\x)", R"(\\wsl$\Debian\home\me)", kYes, kNone},
      // Dots and spaces.
      {R"(C:\ws \a)", R"(C:\ws)", kUnknown, PathDoubt::kTrailing},
      {R"(C:\ws..\a)", R"(C:\ws)", kUnknown, PathDoubt::kTrailing},
      {R"(\\?\C:\ws.\a)", R"(C:\ws)", kUnknown, PathDoubt::kTrailing},
      {R"(C:\ws \a)", R"(C:\ws \)", kYes, kNone},
      // Devices: the path is no file below the root, or is one, by the version of Windows.
      {R"(C:\ws\NUL)", R"(C:\ws)", kUnknown, PathDoubt::kDevice},
      {R"(C:\ws\com1.txt)", R"(C:\ws)", kUnknown, PathDoubt::kDevice},
      {R"(C:\x\NUL)", R"(C:\ws)", kNo, kNone},
      {R"(\\?\C:\ws\NUL)", R"(C:\ws)", kYes, kNone},
      {"nul", ".", kUnknown, PathDoubt::kDevice},
      // Streams belong to their file.
      {R"(C:\ws\a:s)", R"(C:\ws)", kYes, kNone},
      {R"(C:\ws:s)", R"(C:\ws)", kYes, kNone},
      {R"(C:\ws:s)", R"(C:\WS:S)", kYes, kNone},
      {R"(C:\ws)", R"(C:\ws:s)", kUnknown, PathDoubt::kStream},
      {R"(C:\ws\a)", R"(C:\ws:$I30:$INDEX_ALLOCATION)", kUnknown, PathDoubt::kStream},
      {R"(C:\ws\a)", R"(C:\ws::$DATA)", kYes, kNone},
      // Current directories.
      {"a", R"(C:\ws)", kUnknown, PathDoubt::kBase},
      {R"(C:\ws)", "a", kUnknown, PathDoubt::kBase},
      {R"(\ws)", R"(C:\ws)", kUnknown, PathDoubt::kBase},
      {"C:a", R"(C:\a)", kUnknown, PathDoubt::kBase},
      {"C:a", "D:a", kUnknown, PathDoubt::kBase},
      {R"(..\a)", "a", kUnknown, PathDoubt::kBase},
      {"..", ".", kUnknown, PathDoubt::kBase},
      {"a", R"(..\a)", kUnknown, PathDoubt::kBase},
  };
  for (const WithinCase& c : kCases) Check(c);
}

TEST(WindowsPathWithinTest, SaysWhatToDo) {
  const struct {
    const char* path;
    const char* root;
    const char* why;
  } kCases[] = {
      {R"(C:\PROGRA~1\x)", R"(C:\Program Files)",
       "PROGRA~1 may be the short name of Program Files; write the long one"},
      {R"(C:\Program Files\x)", R"(C:\PROGRA~1)",
       "PROGRA~1 may be the short name of Program Files; write the long one"},
      {"C:\\\xC3\xA9", "C:\\\xC3\x89", "differ in case alone, and the volume decides"},
      {R"(C:\ws \a)", R"(C:\ws)", "\"ws \" and \"ws\" differ in dots or spaces"},
      {R"(D:\a)", R"(C:\a)", "may show the same directory"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(WindowsPath::Parse(c.path)->IsWithin(*WindowsPath::Parse(c.root)).why, HasSubstr(c.why));
  }
}

}  // namespace
}  // namespace paddock
