#include "core/access/inherit.h"

#include <gtest/gtest.h>

#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

struct InheritCase {
  const char* parent;     // DACL
  const char* file;       // DACL of a child file
  const char* directory;  // of a child directory
};

// Learn, "ACE Inheritance Rules": the table of flags; "Automatic Propagation of Inheritable ACEs"; MS-DTYP 2.5.3.4.
constexpr InheritCase kCases[] = {
    {"(A;OICI;FA;;;BU)", "(A;ID;FA;;;BU)", "(A;OICIID;FA;;;BU)"},
    {"(A;OI;FA;;;BU)", "(A;ID;FA;;;BU)", "(A;OIIOID;FA;;;BU)"},
    {"(A;CI;FA;;;BU)", "", "(A;CIID;FA;;;BU)"},
    {"(A;OICINP;FA;;;BU)", "(A;ID;FA;;;BU)", "(A;ID;FA;;;BU)"},
    {"(A;OINP;FA;;;BU)", "(A;ID;FA;;;BU)", ""},
    {"(A;OICIIO;FA;;;BU)", "(A;ID;FA;;;BU)", "(A;OICIID;FA;;;BU)"},
    {"(A;CIIO;FA;;;BU)", "", "(A;CIID;FA;;;BU)"},
    {"(A;;FA;;;BU)", "", ""},
    {"(A;OICI;GR;;;BU)", "(A;ID;FR;;;BU)", "(A;ID;FR;;;BU)(A;OICIIOID;GR;;;BU)"},
    {"(A;OICIIO;GA;;;CO)", "(A;ID;FA;;;S-1-5-21-1-2-3-1001)", "(A;ID;FA;;;S-1-5-21-1-2-3-1001)(A;OICIIOID;GA;;;CO)"},
    {"(A;CI;0x2;;;CG)", "", "(A;ID;0x2;;;S-1-5-21-1-2-3-513)(A;CIIOID;0x2;;;CG)"},
    {"(D;OICI;SD;;;WD)(A;OICI;FA;;;BU)", "(D;ID;SD;;;WD)(A;ID;FA;;;BU)", "(D;OICIID;SD;;;WD)(A;OICIID;FA;;;BU)"},
};

TEST(NewChild, InheritsByTheTable) {
  // Without a default DACL nothing inherited is no DACL, and tells itself from an inherited one.
  Token token = DeveloperToken();
  token.default_dacl.reset();
  const GenericMapping& files = MappingOf(ObjectType::kFile);
  for (const InheritCase& row : kCases) {
    const SecurityDescriptor parent = Sddl(absl::StrCat("O:SYG:SYD:", row.parent));
    for (const bool container : {false, true}) {
      const char* expected = container ? row.directory : row.file;
      const SecurityDescriptor child = NewChild(parent, token, container, files);
      EXPECT_EQ(child.owner, kDeveloper);
      EXPECT_EQ(child.group, kMachine.With(513));
      if (*expected == 0) {
        EXPECT_EQ(child.dacl_state, AclState::kAbsent) << row.parent;
        continue;
      }
      EXPECT_EQ(child.dacl.aces, Sddl(absl::StrCat("D:", expected)).dacl.aces) << row.parent << " " << container;
      EXPECT_EQ(child.control, kDaclAutoInherited);
    }
  }
}

TEST(NewChild, WithoutInheritableEntriesTheDefaultDaclApplies) {
  const Token run = RunToken();
  const SecurityDescriptor child = NewChild(Sddl("O:SYD:(A;;FA;;;BU)"), run, false, MappingOf(ObjectType::kFile));
  ASSERT_EQ(child.dacl.aces.size(), 4u);
  EXPECT_EQ(child.dacl.aces[2], AllowAce(kRun, kFileAllAccess));
  EXPECT_EQ(child.dacl.aces[3].mask, 0x1200a9u);
}

TEST(NewChild, Labels) {
  const GenericMapping& files = MappingOf(ObjectType::kFile);
  Token low = DeveloperToken();
  low.integrity = kLowIntegrity;
  const SecurityDescriptor plain = Sddl("O:SYD:(A;OICI;FA;;;WD)");
  EXPECT_EQ(LabelOf(NewChild(plain, low, false, files)).level, kLowIntegrity);
  EXPECT_EQ(NewChild(plain, DeveloperToken(), false, files).sacl_state, AclState::kAbsent);
  const SecurityDescriptor labelled = Sddl("O:SYD:(A;OICI;FA;;;WD)S:(ML;OICI;NWNR;;;HI)");
  const SecurityDescriptor child = NewChild(labelled, DeveloperToken(), true, files);
  EXPECT_EQ(LabelOf(child), (Label{kHighIntegrity, kNoWriteUp | kNoReadUp, 0}));
  EXPECT_EQ(child.control, kDaclAutoInherited | kSaclAutoInherited);
  EXPECT_EQ(LabelOf(NewChild(labelled, low, false, files)).level, kHighIntegrity);
  const SecurityDescriptor not_inheritable = Sddl("O:SYD:(A;OICI;FA;;;WD)S:(ML;;NW;;;HI)");
  EXPECT_EQ(NewChild(not_inheritable, DeveloperToken(), false, files).sacl_state, AclState::kAbsent);
}

// What a run creates below its writable root it may change and delete again; and others of the user's may, too.
TEST(NewChild, WhatARunCreatesBelowItsRootIsItsOwn) {
  const SecurityDescriptor root =
      Sddl("O:S-1-5-21-1-2-3-1001D:(A;OICI;0x1301bf;;;S-1-5-21-900-11-12-13)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)");
  const GenericMapping& files = MappingOf(ObjectType::kFile);
  const Token run = RunToken();
  SecurityDescriptor below = root;
  for (int depth = 0; depth < 3; ++depth) below = NewChild(below, run, true, files);
  const SecurityDescriptor file = NewChild(below, run, false, files);
  EXPECT_EQ(Check(run, file, kFileWriteData | kDelete, files).decision, Decision::kGranted);
  EXPECT_EQ(Check(run, file, kWriteDac, files).decision, Decision::kDenied);
  EXPECT_EQ(Check(DeveloperToken(), file, kFileAllAccess, files).decision, Decision::kGranted);
}

TEST(Acl, CanonicalOrder) {
  const Acl mixed = Sddl("D:(A;;FA;;;BU)(D;ID;FA;;;WD)(D;;0x2;;;WD)(A;ID;FA;;;BA)(A;;0x1;;;WD)").dacl;
  EXPECT_FALSE(IsCanonical(mixed));
  EXPECT_EQ(Canonical(mixed), Sddl("D:(D;;0x2;;;WD)(A;;FA;;;BU)(A;;0x1;;;WD)(D;ID;FA;;;WD)(A;ID;FA;;;BA)").dacl);
  EXPECT_TRUE(IsCanonical(Canonical(mixed)));
}

}  // namespace
}  // namespace paddock::access
