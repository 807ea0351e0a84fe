#include "core/audit/icacls_command.h"

#include <gtest/gtest.h>

#include <string>

namespace paddock::audit {
namespace {

TEST(PowerShellWordTest, NamesThatPowerShellWouldTakeApart) {
  EXPECT_EQ(PowerShellWord("C:\\ws\\a-b_c.d"), "C:\\ws\\a-b_c.d");
  EXPECT_EQ(PowerShellWord("/remove:g"), "/remove:g");
  EXPECT_EQ(PowerShellWord(""), "''");
  EXPECT_EQ(PowerShellWord("C:\\a b"), "'C:\\a b'");
  EXPECT_EQ(PowerShellWord("*S-1-1-0:(DC)"), "'*S-1-1-0:(DC)'");
  EXPECT_EQ(PowerShellWord("C:\\$(calc);`x"), "'C:\\$(calc);`x'");
  EXPECT_EQ(PowerShellWord("-x"), "'-x'");
  // All that PowerShell takes for a single quote would end the word.
  EXPECT_EQ(PowerShellWord("a'b"), "'a''b'");
  EXPECT_EQ(PowerShellWord("a\u2019; calc #"), "'a\u2019\u2019; calc #'");
  EXPECT_EQ(PowerShellWord("\u2018\u201a\u201b"), "'\u2018\u2018\u201a\u201a\u201b\u201b'");
}

TEST(PowerShellWordTest, WhatNoLineShouldHold) {
  EXPECT_EQ(PowerShellWord("a\nb"), std::nullopt);
  EXPECT_EQ(PowerShellWord("a\x1b[2J"), std::nullopt);
  EXPECT_EQ(PowerShellWord("a\"b"), std::nullopt);
  EXPECT_EQ(IcaclsCommand({"a\nb", "/reset"}), std::nullopt);
  EXPECT_EQ(IcaclsCommand({"C:\\a b", "/reset"}), "icacls 'C:\\a b' /reset");
}

}  // namespace
}  // namespace paddock::audit
