#include "core/base/system_places.h"

#include <gtest/gtest.h>

namespace paddock {
namespace {

struct Case {
  absl::string_view path;
  absl::string_view place;  // empty: none
  bool doubted = false;
};

TEST(SystemPlacesTest, Posix) {
  for (const Case& c : std::initializer_list<Case>{{"/etc", "/etc"},
                                                   {"/etc/ssh", "/etc"},
                                                   {"/etcetera", ""},
                                                   {"/usr", "/usr"},
                                                   {"/usr/bin", "/usr"},
                                                   {"/usr/local", "/usr/local"},
                                                   {"/usr/local/src/x", ""},
                                                   {"/usr/local/bin/x", "/usr/local/bin"},
                                                   {"/usr/src/linux", ""},
                                                   {"/run/user/1000", "/run"},
                                                   {"/run/media/me/stick", ""},
                                                   {"/var", "/var"},
                                                   {"/var/www", ""},
                                                   {"/var/lib/docker/volumes", "/var/lib/docker"},
                                                   {"/tmp", "/tmp"},
                                                   {"/tmp/checkout", ""},
                                                   {"/home", "/home"},
                                                   {"/home/me/src", ""},
                                                   {"/", ""}}) {
    const auto found = FindPosixSystemPlace(c.path);
    EXPECT_EQ(found ? found->path : "", c.place) << c.path;
  }
}

TEST(SystemPlacesTest, Windows) {
  for (const Case& c : std::initializer_list<Case>{{"C:\\Windows", "Windows"},
                                                   {"c:\\WINDOWS\\System32", "Windows"},
                                                   {"D:\\Windows\\Temp", "Windows"},
                                                   {"C:\\Windows.old", ""},
                                                   {"C:\\Program Files (x86)\\tool", "Program Files (x86)"},
                                                   {"C:\\ProgramData", "ProgramData"},
                                                   {"C:\\ProgramData\\ci\\checkout", ""},
                                                   {"C:\\Users", "Users"},
                                                   {"C:\\Users\\me\\src", ""},
                                                   {"\\\\host\\C$\\Windows", "Windows"},
                                                   {"\\\\host\\share\\Windows", ""},
                                                   {"\\\\?\\C:\\Windows", "Windows"},
                                                   {"\\\\?\\UNC\\host\\C$\\Windows", "Windows"},
                                                   {"\\\\?\\C:\\src", ""},
                                                   {"\\\\wsl$\\Debian\\Windows", ""},
                                                   {"C:\\PROGRA~1\\tool", "Windows", true}}) {
    const auto found = FindWindowsSystemPlace(c.path);
    EXPECT_EQ(found ? found->path : "", c.place) << c.path;
    EXPECT_EQ(found && !found->doubt.empty(), c.doubted) << c.path;
  }
}

}  // namespace
}  // namespace paddock
