// Cases of the documentation for tokens that are not restricted: what decides, and where.
#include "core/access/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

constexpr uint32_t kRead = kFileReadData;
constexpr uint32_t kWrite = kFileWriteData;

void ExpectGranted(const Verdict& verdict, Pass pass, int ace) {
  EXPECT_EQ(verdict.decision, Decision::kGranted) << ToString(verdict.pass);
  EXPECT_EQ(verdict.pass, pass) << ToString(verdict.pass);
  EXPECT_EQ(verdict.ace, ace);
}

void ExpectDenied(const Verdict& verdict, Pass pass, int ace, uint32_t mask) {
  EXPECT_EQ(verdict.decision, Decision::kDenied) << ToString(verdict.pass);
  EXPECT_EQ(verdict.pass, pass) << ToString(verdict.pass);
  EXPECT_EQ(verdict.ace, ace);
  EXPECT_EQ(verdict.mask, mask);
}

// Learn, "How AccessCheck Works": entries in order, until all rights are granted or one is denied.
TEST(Check, FirstEntryThatSpeaksOfARightDecides) {
  const Token token = DeveloperToken();
  ExpectGranted(Ask(token, "O:SYD:(A;;0x1;;;BU)(A;;0x2;;;WD)", kRead | kWrite), Pass::kDacl, 1);
  ExpectDenied(Ask(token, "O:SYD:(D;;0x2;;;BU)(A;;0x3;;;WD)", kRead | kWrite), Pass::kDacl, 0, kWrite);
  ExpectGranted(Ask(token, "O:SYD:(A;;0x3;;;WD)(D;;0x2;;;BU)", kRead | kWrite), Pass::kDacl, 0);
  ExpectDenied(Ask(token, "O:SYD:(A;;0x1;;;WD)", kRead | kWrite), Pass::kDacl, -1, kWrite);
  ExpectDenied(Ask(token, "O:SYD:(A;;0x3;;;BA)", kRead), Pass::kDacl, -1, kRead);
}

// Learn, "DACLs and ACEs" and MS-DTYP 2.5.3.2: no DACL and a NULL one grant all, an empty one nothing.
TEST(Check, AbsentNullAndEmptyDacl) {
  const Token token = DeveloperToken();
  ExpectGranted(Ask(token, "O:SY", kFileAllAccess), Pass::kDacl, -1);
  ExpectGranted(Ask(token, "O:SYD:NO_ACCESS_CONTROL", kFileAllAccess), Pass::kDacl, -1);
  ExpectDenied(Ask(token, "O:SYD:", kRead), Pass::kDacl, -1, kRead);
}

// MS-DTYP 2.5.3.2: an inherit-only entry does not count on the object itself.
TEST(Check, InheritOnlyIsSkipped) {
  const Token token = DeveloperToken();
  ExpectDenied(Ask(token, "O:SYD:(A;OICIIO;FA;;;WD)", kRead), Pass::kDacl, -1, kRead);
  ExpectGranted(Ask(token, "O:SYD:(D;OICIIO;FA;;;WD)(A;OICI;FA;;;WD)", kRead), Pass::kDacl, 1);
}

// MS-DTYP 2.5.3.2 maps generic rights in the request; entries hold them where they were written so.
TEST(Check, GenericRightsAreMapped) {
  const Token token = DeveloperToken();
  EXPECT_EQ(Ask(token, "O:SYD:(A;;GR;;;WD)", kGenericRead).mask, 0x120089u);
  ExpectGranted(Ask(token, "O:SYD:(A;;GA;;;WD)", kFileAllAccess), Pass::kDacl, 0);
  ExpectDenied(Ask(token, "O:SYD:(D;;FW;;;WD)(A;;GA;;;WD)", kWrite), Pass::kDacl, 0, kWrite);
  EXPECT_EQ(Ask(token, "O:SYD:(A;;GA;;;WD)", kGenericAll, ObjectType::kKey).mask, 0xf003fu);
}

// Learn, "AccessCheck": nothing maps the entries of the descriptor; what stores it does. Where nothing did, the entry
// denies nothing, and `denied` would be a lie.
TEST(Check, ADenyEntryForGenericRightsIsInDoubt) {
  const Token token = DeveloperToken();
  const Verdict verdict = Ask(token, "O:SYD:(D;;GW;;;WD)(A;;FA;;;WD)", kWrite);
  EXPECT_EQ(verdict, (Verdict{Decision::kUnknown, kWrite, Pass::kDacl, 0}));
  // What it holds besides is certain, what it does not speak of is granted, and others are none of its business.
  ExpectDenied(Ask(token, "O:SYD:(D;;0x80000002;;;WD)(A;;FA;;;WD)", kWrite), Pass::kDacl, 0, kWrite);
  ExpectGranted(Ask(token, "O:SYD:(D;;GW;;;WD)(A;;FA;;;WD)", kRead), Pass::kDacl, 1);
  ExpectGranted(Ask(token, "O:SYD:(D;;GW;;;BA)(A;;FA;;;WD)", kWrite), Pass::kDacl, 1);
  EXPECT_EQ(MaximumAllowed(token, Sddl("O:SYD:(D;;GA;;;WD)(A;;FA;;;WD)"), MappingOf(ObjectType::kFile)),
            (Rights{0, kFileAllAccess}));
}

// Learn, "Owner of a New Object": the owner always has READ_CONTROL and WRITE_DAC.
TEST(Check, OwnerReadsAndChangesTheDacl) {
  const Token token = DeveloperToken();
  ExpectGranted(Ask(token, "O:S-1-5-21-1-2-3-1001D:", kReadControl | kWriteDac), Pass::kOwner, -1);
  ExpectGranted(Ask(token, "O:S-1-5-21-1-2-3-1001D:(D;;FA;;;WD)", kWriteDac), Pass::kOwner, -1);
  ExpectDenied(Ask(token, "O:S-1-5-21-1-2-3-1001D:", kWriteDac | kDelete), Pass::kDacl, -1, kDelete);
  ExpectDenied(Ask(token, "O:S-1-5-21-1-2-3-1002D:", kWriteDac), Pass::kDacl, -1, kWriteDac);
}

// Learn, "Well-known SIDs": an entry for OWNER RIGHTS (S-1-3-4) takes the place of what owners have.
TEST(Check, OwnerRightsTakeThePlace) {
  const Token token = DeveloperToken();
  ExpectDenied(Ask(token, "O:S-1-5-21-1-2-3-1001D:(A;;RC;;;OW)", kWriteDac), Pass::kDacl, -1, kWriteDac);
  ExpectGranted(Ask(token, "O:S-1-5-21-1-2-3-1001D:(A;;RC;;;OW)", kReadControl), Pass::kDacl, 0);
  ExpectGranted(Ask(token, "O:S-1-5-21-1-2-3-1001D:(A;;0x2;;;OW)", kWrite), Pass::kDacl, 0);
  ExpectDenied(Ask(token, "O:S-1-5-21-1-2-3-1001D:(D;;0x2;;;OW)(A;;FA;;;WD)", kWrite), Pass::kDacl, 0, kWrite);
  // For who does not own the object it means nothing, and inherit-only it takes no place.
  ExpectDenied(Ask(token, "O:SYD:(A;;FA;;;OW)", kWrite), Pass::kDacl, -1, kWrite);
  ExpectGranted(Ask(token, "O:S-1-5-21-1-2-3-1001D:(A;OICIIO;RC;;;OW)", kWriteDac), Pass::kOwner, -1);
}

// The entry stands for the owner. Whether it stands for a group of that very name as well, no document says.
TEST(Check, AGroupCalledOwnerRightsIsInDoubt) {
  Token token = DeveloperToken();
  token.groups.push_back({kOwnerRights});
  EXPECT_EQ(Ask(token, "O:SYD:(D;;0x2;;;OW)(A;;FA;;;WD)", kWrite).decision, Decision::kUnknown);
  EXPECT_EQ(Ask(token, "O:SYD:(A;;FA;;;OW)", kWrite).decision, Decision::kUnknown);
  ExpectDenied(Ask(token, "O:S-1-5-21-1-2-3-1001D:(D;;0x2;;;OW)(A;;FA;;;WD)", kWrite), Pass::kDacl, 0, kWrite);
}

// Learn, "SID Attributes in an Access Token": deny-only SIDs count in deny entries, disabled ones nowhere.
TEST(Check, DenyOnlyAndDisabledGroups) {
  Token token = DeveloperToken();
  token.groups.push_back({kAdministrators, false, true, false});
  ExpectDenied(Ask(token, "O:SYD:(A;;FA;;;BA)", kRead), Pass::kDacl, -1, kRead);
  ExpectDenied(Ask(token, "O:SYD:(D;;FA;;;BA)(A;;FA;;;WD)", kRead), Pass::kDacl, 0, kRead);
  ExpectDenied(Ask(token, "O:BAD:", kWriteDac), Pass::kDacl, -1, kWriteDac);
  token.groups.back() = {kAdministrators, false, false, false};
  ExpectGranted(Ask(token, "O:SYD:(D;;FA;;;BA)(A;;FA;;;WD)", kRead), Pass::kDacl, 1);
  token.groups.back() = {kAdministrators};
  ExpectGranted(Ask(token, "O:SYD:(A;;FA;;;BA)", kRead), Pass::kDacl, 0);
  token.user_deny_only = true;
  ExpectDenied(Ask(token, "O:SYD:(A;;FA;;;S-1-5-21-1-2-3-1001)", kRead), Pass::kDacl, -1, kRead);
  ExpectDenied(Ask(token, "O:S-1-5-21-1-2-3-1001D:", kWriteDac), Pass::kDacl, -1, kWriteDac);
}

// MS-DTYP 2.5.3.2; Learn, "SACL Access Right", "Privilege Constants".
TEST(Check, Privileges) {
  Token token = DeveloperToken();
  ExpectDenied(Ask(token, "O:SYD:(A;;0x11f01ff;;;WD)", kAccessSystemSecurity), Pass::kPrivilege, -1,
               kAccessSystemSecurity);
  token.privileges = {Privilege::kSecurity};
  ExpectGranted(Ask(token, "O:SYD:", kAccessSystemSecurity), Pass::kPrivilege, -1);
  ExpectDenied(Ask(token, "O:SYD:", kWriteOwner), Pass::kDacl, -1, kWriteOwner);
  token.privileges = {Privilege::kTakeOwnership};
  ExpectGranted(Ask(token, "O:SYD:(D;;FA;;;WD)", kWriteOwner), Pass::kPrivilege, -1);
  ExpectDenied(Ask(token, "O:SYD:(D;;FA;;;WD)", kWriteOwner | kWriteDac), Pass::kDacl, 0, kWriteDac);
  token.privileges = {Privilege::kRelabel};
  ExpectGranted(Ask(token, "O:SYD:", kWriteOwner), Pass::kPrivilege, -1);
}

struct LabelCase {
  uint32_t level;
  const char* label;
  uint32_t wanted;
  bool granted;
};

// Learn, "Mandatory Integrity Control"; MS-DTYP 2.5.3.3. The DACL grants all to everyone.
TEST(Check, IntegrityLabels) {
  constexpr LabelCase kCases[] = {
      {kLowIntegrity, "", kWrite, false},  // no label is medium, without write up
      {kLowIntegrity, "", kRead, true},
      {kLowIntegrity, "", kFileExecute, true},
      {kLowIntegrity, "", kDelete, false},
      {kLowIntegrity, "", kFileDeleteChild, false},  // in FILE_ALL_ACCESS, and in neither read nor execute
      {kLowIntegrity, "", kWriteDac, false},
      {kLowIntegrity, "", kReadControl | kSynchronize, true},
      {kMediumIntegrity, "", kFileAllAccess, true},
      {kLowIntegrity, "S:(ML;;NW;;;LW)", kFileAllAccess, true},
      {kUntrustedIntegrity, "S:(ML;;NW;;;LW)", kWrite, false},
      {kMediumIntegrity, "S:(ML;;NW;;;HI)", kWrite, false},
      {kMediumIntegrity, "S:(ML;;NWNR;;;HI)", kRead, false},
      {kMediumIntegrity, "S:(ML;;NWNR;;;HI)", kFileExecute, true},
      {kMediumIntegrity, "S:(ML;;NWNR;;;HI)", kSynchronize, true},  // execute has it as well
      {kMediumIntegrity, "S:(ML;;NWNX;;;HI)", kFileExecute, false},
      {kMediumIntegrity, "S:(ML;;NWNX;;;HI)", kRead, true},
      {kMediumIntegrity, "S:(ML;;NWNRNX;;;HI)", kReadControl, false},
      {kMediumIntegrity, "S:(ML;;NR;;;HI)", kWrite, true},
      {kMediumIntegrity, "S:(ML;;NR;;;HI)", kRead, false},
      {kMediumIntegrity, "S:(ML;;0x0;;;HI)", kFileAllAccess, true},
      {kMediumIntegrity, "S:(ML;OICIIO;NW;;;HI)", kWrite, true},  // inherit-only: not the object's own
      {kMediumPlusIntegrity, "S:(ML;;NW;;;ME)", kWrite, true},
      {kMediumIntegrity, "S:(ML;;NW;;;MP)", kWrite, false},
      {kMediumIntegrity, "S:(AU;SAFA;FA;;;WD)(ML;;NW;;;SI)", kWrite, false},
  };
  for (const LabelCase& row : kCases) {
    Token token = DeveloperToken();
    token.integrity = row.level;
    const Verdict verdict = Ask(token, absl::StrCat("O:SYD:(A;;FA;;;WD)", row.label), row.wanted);
    EXPECT_EQ(verdict.decision == Decision::kGranted, row.granted) << row.label << " " << row.wanted;
    EXPECT_EQ(verdict.pass == Pass::kIntegrity, !row.granted) << row.label;
    token.no_write_up = false;  // TOKEN_MANDATORY_POLICY_OFF
    EXPECT_EQ(Ask(token, absl::StrCat("O:SYD:(A;;FA;;;WD)", row.label), row.wanted).decision, Decision::kGranted);
  }
}

TEST(Check, RelabelPrivilegePassesTheLabelForTheOwnerAlone) {
  Token token = DeveloperToken();
  token.integrity = kLowIntegrity;
  ExpectDenied(Ask(token, "O:SYD:(A;;FA;;;WD)", kWriteOwner), Pass::kIntegrity, -1, kWriteOwner);
  token.privileges = {Privilege::kRelabel};
  ExpectGranted(Ask(token, "O:SYD:(A;;FA;;;WD)", kWriteOwner), Pass::kPrivilege, -1);
  ExpectDenied(Ask(token, "O:SYD:(A;;FA;;;WD)S:(ML;;NW;;;HI)", kWriteDac), Pass::kIntegrity, 0, kWriteDac);
}

// Learn, "SeAccessCheck": nothing asked for is not granted; MS-DTYP 2.5.3.2: MAXIMUM_ALLOWED.
TEST(Check, NothingAndTheMaximum) {
  const Token token = DeveloperToken();
  ExpectDenied(Ask(token, "O:SYD:(A;;FA;;;WD)", 0), Pass::kRequest, -1, 0);
  const char* text = "O:S-1-5-21-1-2-3-1001D:(D;;0x2;;;BU)(A;;0x7;;;WD)(A;;SD;;;BA)";
  EXPECT_EQ(Ask(token, text, kMaximumAllowed).mask, 0x5u | kReadControl | kWriteDac);
  EXPECT_EQ(Ask(token, text, kMaximumAllowed | kRead).mask, 0x5u | kReadControl | kWriteDac);
  EXPECT_EQ(Ask(token, text, kMaximumAllowed | kWrite).decision, Decision::kDenied);
  EXPECT_EQ(Ask(token, "O:SYD:", kMaximumAllowed).decision, Decision::kDenied);
  EXPECT_EQ(MaximumAllowed(token, Sddl("O:SY"), MappingOf(ObjectType::kFile)),
            (Rights{kFileAllAccess, kFileAllAccess}));
}

// MS-DTYP 2.4.3 and the header's promise: the masks by which writes are told from reads.
TEST(Mapping, WriteMasks) {
  EXPECT_EQ(WriteMask(MappingOf(ObjectType::kFile)), 0x10d0116u);
  EXPECT_EQ(WriteMask(MappingOf(ObjectType::kFile)) & kFileDeleteChild, 0u);
  EXPECT_EQ(WriteMask(MappingOf(ObjectType::kProcess)), 0x10d0000u | (0x20bea & ~0x20410u & ~0x121001u));
  EXPECT_EQ(MapGeneric(kGenericAll, MappingOf(ObjectType::kThread)), 0x1fffffu);
}

TEST(Describe, SaysWhichEntryDecidedAndWhy) {
  const SecurityDescriptor descriptor = Sddl("O:SYD:(D;;0x2;;;BU)(A;;FA;;;WD)");
  const Token token = DeveloperToken();
  const GenericMapping& files = MappingOf(ObjectType::kFile);
  EXPECT_EQ(Describe(Check(token, descriptor, kWrite, files), descriptor),
            "denied 0x2 by dacl: entry 0, (D;;0x2;;;BU) denies it");
  EXPECT_EQ(Describe(Check(token, descriptor, kRead, files), descriptor),
            "granted 0x1 by dacl: user and groups are granted it (entry 1, (A;;FA;;;WD))");
}

}  // namespace
}  // namespace paddock::access
