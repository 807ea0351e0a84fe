#include "core/access/administration.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/access/sddl.h"

namespace paddock::access {
namespace {

constexpr Sid kDeveloper(5, {21, 1, 2, 3, 1001});
constexpr char kDeveloperText[] = "S-1-5-21-1-2-3-1001";
constexpr char kInstallerText[] = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

SecurityDescriptor Parsed(const std::string& sddl) {
  auto descriptor = ParseSddl(sddl);
  EXPECT_TRUE(descriptor.ok()) << sddl << ": " << descriptor.status();
  return descriptor.ok() ? *descriptor : SecurityDescriptor();
}

std::optional<Sid> OfFile(const std::string& sddl) { return WhoElseControls(Parsed(sddl), kFileControl); }
std::optional<Sid> OfDirectory(const std::string& sddl) { return WhoElseControls(Parsed(sddl), kDirectoryControl); }

// What an administrator makes in %ProgramData% inherits: everybody reads, and may add files to directories.
TEST(AdministrationTest, WhatAnAdministratorMakesInProgramDataIsTheAdministrations) {
  EXPECT_EQ(OfFile("O:BAD:(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)"), std::nullopt);
  EXPECT_EQ(OfDirectory("O:BAD:(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)"
                        "(A;CIID;DCLCRPCR;;;BU)"),
            std::nullopt);
  EXPECT_EQ(OfFile(absl::StrCat("O:", kInstallerText, "D:(A;;FA;;;", kInstallerText, ")(A;;FA;;;OW)")), std::nullopt);
}

TEST(AdministrationTest, WhatAUserMakesThereIsTheUsers) {
  const std::string entries = absl::StrCat("(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;", kDeveloperText, ")");
  EXPECT_EQ(OfFile(absl::StrCat("O:", kDeveloperText, "D:", entries)), kDeveloper);
  EXPECT_EQ(OfDirectory(absl::StrCat("O:", kDeveloperText, "D:", entries)), kDeveloper);
  // An owner gives himself whatever the list does not.
  EXPECT_EQ(OfFile(absl::StrCat("O:", kDeveloperText, "D:P(A;;FA;;;SY)")), kDeveloper);
}

TEST(AdministrationTest, EachRightThatControlsIsOneTooMany) {
  for (const char* right : {"0x2", "0x4", "SD", "WD", "WO", "GW", "GA", "FW", "FA"}) {
    EXPECT_EQ(OfFile(absl::StrCat("O:BAD:(A;;", right, ";;;BU)")), kUsers) << right;
  }
  for (const char* right : {"0x40", "SD", "WD", "WO", "GA", "FA"}) {
    EXPECT_EQ(OfDirectory(absl::StrCat("O:BAD:(A;;", right, ";;;BU)")), kUsers) << right;
  }
  for (const char* right : {"0x1", "0x8", "0x10", "0x20", "0x80", "0x100", "RC", "GR", "GX", "FR", "FX"}) {
    EXPECT_EQ(OfFile(absl::StrCat("O:BAD:(A;;", right, ";;;BU)")), std::nullopt) << right;
    EXPECT_EQ(OfDirectory(absl::StrCat("O:BAD:(A;;", right, ";;;BU)")), std::nullopt) << right;
  }
}

TEST(AdministrationTest, AnEntryForWhatLiesBelowIsNoneForTheDirectory) {
  EXPECT_EQ(OfDirectory("O:BAD:(A;OICIIO;FA;;;WD)"), std::nullopt);
  EXPECT_EQ(OfDirectory("O:BAD:(A;OICI;FA;;;WD)"), kEveryone);
}

TEST(AdministrationTest, ADenialTakesNothingBack) {
  EXPECT_EQ(OfFile("O:BAD:(D;;FA;;;BU)(A;;FA;;;BU)"), kUsers);
  EXPECT_EQ(OfFile("O:BAD:(D;;FA;;;BU)"), std::nullopt);
  EXPECT_EQ(OfFile("O:BAD:(XA;;FA;;;BU;(Member_of {SID(BA)}))"), kUsers);
}

TEST(AdministrationTest, WithoutAListOrAnOwnerItIsEverybodys) {
  EXPECT_EQ(OfFile("O:BA"), kEveryone);
  EXPECT_EQ(OfFile("O:BAD:NO_ACCESS_CONTROL"), kEveryone);
  EXPECT_EQ(OfFile("D:(A;;FA;;;BA)"), kEveryone);
  EXPECT_EQ(OfFile("O:BAD:"), std::nullopt);
}

}  // namespace
}  // namespace paddock::access
