#include "backends/windows_sandbox/wsb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(WsbTest, EverySwitchIsWrittenWhateverItsValue) {
  constexpr const char* kSwitches[] = {"VGpu",
                                       "Networking",
                                       "AudioInput",
                                       "VideoInput",
                                       "ProtectedClient",
                                       "PrinterRedirection",
                                       "ClipboardRedirection"};
  MachineSpec open;
  open.virtual_gpu = open.networking = open.audio_input = open.video_input = true;
  open.printer_redirection = open.clipboard_redirection = true;
  MachineSpec closed;
  closed.protected_client = false;
  for (const char* const name : kSwitches) {
    EXPECT_THAT(*WsbText(open), HasSubstr(absl::StrCat("  <", name, ">Enable</", name, ">\r\n")));
    EXPECT_THAT(*WsbText(closed), HasSubstr(absl::StrCat("  <", name, ">Disable</", name, ">\r\n")));
  }
  EXPECT_THAT(*WsbText(closed), Not(HasSubstr("Default")));
}

TEST(WsbTest, ReadOnlyIsWrittenForEachFolder) {
  MachineSpec machine;
  machine.folders = {{"C:\\a", "C:\\x", true}, {"C:\\b", "C:\\y", false}};
  const std::string text = *WsbText(machine);
  EXPECT_THAT(text, HasSubstr("<SandboxFolder>C:\\x</SandboxFolder>\r\n      <ReadOnly>true</ReadOnly>"));
  EXPECT_THAT(text, HasSubstr("<SandboxFolder>C:\\y</SandboxFolder>\r\n      <ReadOnly>false</ReadOnly>"));
}

// A folder's name that would else close its element and open a mapping of its own.
TEST(WsbTest, NothingInANameIsMarkup) {
  MachineSpec machine;
  machine.folders = {{"C:\\a</HostFolder><ReadOnly>false</ReadOnly>&lt;", "C:\\x", true}};
  machine.logon_command = "x.exe \"a & b\" 'c' ]]>";
  const std::string text = *WsbText(machine);
  EXPECT_THAT(text, HasSubstr("C:\\a&lt;/HostFolder&gt;&lt;ReadOnly&gt;false&lt;/ReadOnly&gt;&amp;lt;</HostFolder>"));
  EXPECT_THAT(text, HasSubstr("<Command>x.exe &quot;a &amp; b&quot; &apos;c&apos; ]]&gt;</Command>"));
  EXPECT_THAT(text, Not(HasSubstr("<ReadOnly>false")));
}

TEST(WsbTest, WhatXmlCannotHoldIsRefused) {
  for (const std::string& name :
       {std::string("a\nb"), std::string("a\tb"), std::string("a\0b", 3), std::string("a\x1b"), std::string("\xff"),
        std::string("\xed\xa0\x80"), std::string("\xef\xbf\xbe"), std::string("\xef\xbf\xbf")}) {
    MachineSpec machine;
    machine.folders = {{name, "C:\\x", true}};
    EXPECT_FALSE(WsbText(machine).ok()) << name;
    EXPECT_FALSE(XmlText(name).ok()) << name;
  }
  // Controls.
  EXPECT_EQ(*XmlText("za\u017c\u00f3\u0142\u0107 \U0001f4a9"), "za\u017c\u00f3\u0142\u0107 \U0001f4a9");
  EXPECT_EQ(*XmlText(""), "");
}

}  // namespace
}  // namespace paddock
