// Restricted, write-restricted and lowbox tokens: documented cases, and what follows from them for a sandbox.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

constexpr uint32_t kRead = kFileReadData;
constexpr uint32_t kWrite = kFileWriteData;

// A directory of the developer's, as a profile has them: user, SYSTEM and Administrators in full control.
constexpr char kProfile[] = "O:S-1-5-21-1-2-3-1001D:(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)";
// The workspace: the same, and Modify without FILE_DELETE_CHILD for the capability.
constexpr char kWorkspace[] =
    "O:S-1-5-21-1-2-3-1001D:(A;OICI;0x1301bf;;;S-1-5-21-900-11-12-13)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)";

bool Granted(const Token& token, absl::string_view sddl, uint32_t wanted, ObjectType type = ObjectType::kFile) {
  return Ask(token, sddl, wanted, type).decision == Decision::kGranted;
}

Token Restricted(std::vector<Sid> sids, bool write_restricted) {
  Restriction restriction;
  restriction.restricting = std::move(sids);
  restriction.write_restricted = write_restricted;
  return Restrict(DeveloperToken(), restriction);
}

// Learn, "Restricted Tokens": access is allowed only if both access checks allow it.
TEST(Restricted, BothChecksHaveToGrant) {
  const Token token = Restricted({kRun}, false);
  const char* user_alone = "O:SYD:(A;;FA;;;S-1-5-21-1-2-3-1001)";
  const char* run_alone = "O:SYD:(A;;FA;;;S-1-5-21-900-21-22-23)";
  const char* both = "O:SYD:(A;;FA;;;S-1-5-21-1-2-3-1001)(A;;0x1;;;S-1-5-21-900-21-22-23)";
  EXPECT_TRUE(Granted(DeveloperToken(), user_alone, kRead));
  EXPECT_EQ(Ask(token, user_alone, kRead).pass, Pass::kRestricted);
  EXPECT_EQ(Ask(token, run_alone, kRead).pass, Pass::kDacl);
  EXPECT_FALSE(Granted(token, run_alone, kRead));
  EXPECT_TRUE(Granted(token, both, kRead));
  EXPECT_EQ(Ask(token, both, kRead).ace, 1);
  EXPECT_FALSE(Granted(token, both, kRead | kWrite));
  // A deny entry for a restricting SID counts in the second check, and not in the first.
  EXPECT_FALSE(Granted(token, "O:SYD:(D;;0x1;;;S-1-5-21-900-21-22-23)(A;;FA;;;WD)", kRead));
  EXPECT_TRUE(Granted(DeveloperToken(), "O:SYD:(D;;0x1;;;S-1-5-21-900-21-22-23)(A;;FA;;;WD)", kRead));
}

TEST(Restricted, AnEmptyListGrantsNothingAndANullDaclAll) {
  Token token = DeveloperToken();
  token.restricting.emplace();
  EXPECT_FALSE(Granted(token, "O:SYD:(A;;FA;;;WD)", kRead));
  EXPECT_TRUE(Granted(token, "O:SYD:NO_ACCESS_CONTROL", kFileAllAccess));
  EXPECT_TRUE(Granted(token, "O:SY", kFileAllAccess));
}

// Learn, "CreateRestrictedToken": WRITE_RESTRICTED consults the restricting SIDs for write access alone.
TEST(WriteRestricted, ReadsAsTheUserWritesAsBoth) {
  const Token token = RunToken();
  EXPECT_TRUE(Granted(token, kProfile, kRead));
  EXPECT_TRUE(Granted(token, kProfile, kGenericRead | kGenericExecute));
  EXPECT_EQ(Ask(token, kProfile, kWrite).pass, Pass::kRestricted);
  EXPECT_TRUE(Granted(DeveloperToken(), kProfile, kWrite));
  EXPECT_TRUE(Granted(token, kWorkspace, kRead | kWrite | kDelete));
  EXPECT_FALSE(Granted(token, kWorkspace, kWriteDac));
  // Each right that makes a request a write.
  for (const uint32_t right :
       {kFileWriteData, kFileAppendData, kFileWriteEa, kFileWriteAttributes, kDelete, kWriteDac, kWriteOwner}) {
    EXPECT_FALSE(Granted(token, kProfile, right)) << right;
    EXPECT_TRUE(Granted(DeveloperToken(), kProfile, right)) << right;
  }
  // With a write in the request, what it reads has to be granted twice as well.
  EXPECT_FALSE(Granted(token, "O:SYD:(A;;0x2;;;S-1-5-21-900-21-22-23)(A;;FA;;;S-1-5-21-1-2-3-1001)", kRead | kWrite));
  EXPECT_TRUE(Granted(token, "O:SYD:(A;;0x2;;;S-1-5-21-900-21-22-23)(A;;FA;;;S-1-5-21-1-2-3-1001)", kWrite));
}

// FILE_DELETE_CHILD is no right of FILE_GENERIC_WRITE: with it on a directory, the user's children can be deleted.
TEST(WriteRestricted, DeleteChildIsNotHeldBack) {
  EXPECT_TRUE(Granted(RunToken(), kProfile, kFileDeleteChild));
  EXPECT_FALSE(Granted(RunToken(), kProfile, kFileDeleteChild | kDelete));
  EXPECT_FALSE(Granted(Restricted({kRun}, false), kProfile, kFileDeleteChild));
}

// Reads never consult the restricting SIDs, so a deny entry for one of them hides nothing.
TEST(WriteRestricted, DenyReadForARestrictingSidDoesNothing) {
  const char* text = "O:SYD:(D;;FR;;;S-1-5-21-900-11-12-13)(A;;FA;;;S-1-5-21-1-2-3-1001)";
  EXPECT_TRUE(Granted(RunToken(), text, kRead));
  Token whole = RunToken();
  whole.write_restricted = false;
  EXPECT_FALSE(Granted(whole, text, kRead));
}

// Everyone is a restricting SID (programs start badly without), so what Everyone may write is open.
TEST(WriteRestricted, WhatEveryoneMayWriteIsOpen) {
  EXPECT_TRUE(Granted(RunToken(), "O:SYD:(A;;FA;;;WD)", kWrite));
  EXPECT_FALSE(Granted(RunToken(), "O:SYD:(A;;FA;;;BU)", kWrite));
  EXPECT_TRUE(Granted(DeveloperToken(), "O:SYD:(A;;FA;;;BU)", kWrite));
}

// What the user owns: WRITE_DAC by ownership asks for the owner among the restricting SIDs.
TEST(WriteRestricted, OwnershipCountsIfTheOwnerRestricts) {
  const char* owned = "O:S-1-5-21-1-2-3-1001D:(A;;0x2;;;S-1-5-21-900-21-22-23)";
  EXPECT_FALSE(Granted(RunToken(), owned, kWriteDac));
  EXPECT_TRUE(Granted(DeveloperToken(), owned, kWriteDac));
  const auto dedicated = ComposeRunToken(DeveloperToken(), {{kCapability}, kRun, true});
  ASSERT_TRUE(dedicated.ok()) << dedicated.status();
  EXPECT_TRUE(Granted(*dedicated, owned, kWriteDac));
}

// libuv opens a child's end of a pipe with FILE_WRITE_ATTRIBUTES; a pipe that is made without a descriptor gives the
// owner, SYSTEM and Administrators full control, and Everyone read (Learn, "CreateNamedPipe"). So node's piped spawn
// fails under a write-restricted token, and works where the user's own SID restricts as well.
TEST(WriteRestricted, NamedPipesUnderNode) {
  const char* pipe =
      "O:S-1-5-21-1-2-3-1001D:(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-21-1-2-3-1001)(A;;FR;;;WD)(A;;FR;;;AN)";
  constexpr uint32_t kChildEnd = kGenericRead | kFileWriteAttributes;
  EXPECT_FALSE(Granted(RunToken(), pipe, kChildEnd));
  EXPECT_EQ(Ask(RunToken(), pipe, kChildEnd).mask, kFileWriteAttributes);
  EXPECT_TRUE(Granted(RunToken(), pipe, kGenericRead));
  EXPECT_TRUE(Granted(DeveloperToken(), pipe, kChildEnd));
  const auto dedicated = ComposeRunToken(DeveloperToken(), {{kCapability}, kRun, true});
  EXPECT_TRUE(Granted(*dedicated, pipe, kChildEnd | kGenericWrite));
}

// The default DACL of a run keeps another run's hands off: both carry the logon session's SID.
TEST(WriteRestricted, ARunCannotWriteIntoAnothersProcesses) {
  constexpr uint32_t kVmWrite = 0x20;
  constexpr uint32_t kVmRead = 0x10;
  const Token run = RunToken();
  const auto other = ComposeRunToken(DeveloperToken(), {{kCapability}, kOtherRun, false});
  ASSERT_TRUE(other.ok()) << other.status();
  SecurityDescriptor process;
  process.owner = other->owner;
  process.set_dacl(*other->default_dacl);
  const GenericMapping& mapping = MappingOf(ObjectType::kProcess);
  EXPECT_EQ(Check(run, process, kVmWrite, mapping).pass, Pass::kRestricted);
  EXPECT_EQ(Check(*other, process, kVmWrite, mapping).decision, Decision::kGranted);
  EXPECT_EQ(Check(run, process, kVmRead, mapping).decision, Decision::kGranted);
  // The control, and the mistake: everything for the logon session.
  process.dacl.aces.back() = AllowAce(kLogon, kGenericAll);
  EXPECT_EQ(Check(run, process, kVmWrite, mapping).decision, Decision::kGranted);
  // The developer's own processes give the logon session no more than reading.
  SecurityDescriptor editor;
  editor.owner = kDeveloper;
  editor.set_dacl(*DeveloperToken().default_dacl);
  EXPECT_EQ(Check(run, editor, kVmWrite, mapping).pass, Pass::kRestricted);
  EXPECT_EQ(Check(DeveloperToken(), editor, kVmWrite, mapping).decision, Decision::kGranted);
}

TEST(WriteRestricted, PrivilegesPassTheRestrictingSids) {
  Token token = RunToken();
  EXPECT_FALSE(Granted(token, kProfile, kWriteOwner));
  token.privileges = {Privilege::kTakeOwnership};
  EXPECT_TRUE(Granted(token, kProfile, kWriteOwner));
}

// Learn, "AppContainer for legacy applications" and "Implementing an AppContainer": user and package both.
TEST(Lowbox, UserAndPackageHaveToBeGranted) {
  const Token token = LowboxToken();
  const char* package = "(A;;FA;;;S-1-15-2-1001-1002-1003-1004-1005-1006-1007)";
  const char* user = "(A;;FA;;;S-1-5-21-1-2-3-1001)";
  EXPECT_EQ(Ask(token, absl::StrCat("O:SYD:", user), kRead).pass, Pass::kPackage);
  EXPECT_EQ(Ask(token, absl::StrCat("O:SYD:", package), kRead).pass, Pass::kDacl);
  EXPECT_TRUE(Granted(token, absl::StrCat("O:SYD:", user, package), kRead));
  EXPECT_TRUE(Granted(token, absl::StrCat("O:SYD:", user, "(A;;FA;;;AC)"), kRead));
  EXPECT_TRUE(Granted(token, absl::StrCat("O:SYD:", user, "(A;;FA;;;S-1-15-3-1)"), kRead));
  EXPECT_FALSE(Granted(token, absl::StrCat("O:SYD:", user, "(A;;FA;;;S-1-15-3-2)"), kRead));
  EXPECT_FALSE(Granted(token, absl::StrCat("O:SYD:", user, "(A;;0x1;;;AC)"), kRead | kWrite));
}

TEST(Lowbox, LessPrivilegedOnesAreNotAmongAllPackages) {
  Token token = LowboxToken();
  const char* all = "O:SYD:(A;;FA;;;WD)(A;;FA;;;AC)";
  EXPECT_TRUE(Granted(token, all, kRead));
  token.lpac = true;
  EXPECT_EQ(Ask(token, all, kRead).pass, Pass::kPackage);
  EXPECT_TRUE(Granted(token, "O:SYD:(A;;FA;;;WD)(A;;FA;;;S-1-15-2-2)", kRead));
}

TEST(Lowbox, DenyEntriesForPackageAndCapabilityDoNotApply) {
  const Token token = LowboxToken();
  EXPECT_TRUE(Granted(token, "O:SYD:(D;;FA;;;AC)(D;;FA;;;S-1-15-3-1)(A;;FA;;;WD)(A;;FA;;;AC)", kRead));
  EXPECT_FALSE(Granted(token, "O:SYD:(D;;FA;;;BU)(A;;FA;;;WD)(A;;FA;;;AC)", kRead));
}

TEST(Lowbox, NoDaclAndOwnershipGrantNothing) {
  const Token token = LowboxToken();
  for (const char* text : {"O:SY", "O:SYD:NO_ACCESS_CONTROL"}) {
    EXPECT_EQ(Ask(token, text, kRead).pass, Pass::kPackage) << text;
    EXPECT_TRUE(Granted(DeveloperToken(), text, kRead)) << text;
  }
  EXPECT_EQ(Ask(token, "O:S-1-5-21-1-2-3-1001D:(A;;FA;;;WD)", kWriteDac).pass, Pass::kPackage);
}

// An AppContainer runs at low integrity and writes unlabelled objects whose DACL names it; not those above medium.
TEST(Lowbox, PassesLabelsUpToMedium) {
  Token token = LowboxToken();
  EXPECT_TRUE(Granted(token, "O:SYD:(A;;FA;;;WD)(A;;FA;;;AC)", kWrite));
  EXPECT_EQ(Ask(token, "O:SYD:(A;;FA;;;WD)(A;;FA;;;AC)S:(ML;;NW;;;HI)", kWrite).pass, Pass::kIntegrity);
  token.package.reset();
  EXPECT_EQ(Ask(token, "O:SYD:(A;;FA;;;WD)(A;;FA;;;AC)", kWrite).pass, Pass::kIntegrity);
}

// What cannot be evaluated, and exactly when it matters.
struct UnknownCase {
  const char* sddl;
  uint32_t wanted;
  Decision decision;
  int ace;
};

TEST(Unknown, OnlyWhereItCouldMatter) {
  constexpr UnknownCase kCases[] = {
      {"O:SYD:(XA;;FA;;;WD;(a==1))", kRead, Decision::kUnknown, 0},
      {"O:SYD:(XA;;FA;;;BA;(a==1))", kRead, Decision::kDenied, -1},              // not for this token
      {"O:SYD:(XA;;0x2;;;WD;(a==1))", kRead, Decision::kDenied, -1},             // not about reading
      {"O:SYD:(A;;FA;;;WD)(XD;;FA;;;WD;(a==1))", kRead, Decision::kGranted, 0},  // behind what decides
      {"O:SYD:(XA;;FA;;;WD;(a==1))(A;;FA;;;WD)", kRead, Decision::kGranted, 1},  // granted either way
      {"O:SYD:(XD;;FA;;;WD;(a==1))(A;;FA;;;WD)", kRead, Decision::kUnknown, 0},
      {"O:SYD:(XD;;FA;;;BA;(a==1))(A;;FA;;;WD)", kRead, Decision::kGranted, 1},
      {"O:SYD:(XD;;FA;;;WD;(a==1))(D;;FA;;;WD)", kRead, Decision::kDenied, 1},  // denied either way
      {"O:SYD:(XA;OICIIO;FA;;;WD;(a==1))", kRead, Decision::kDenied, -1},
      {"O:SYD:(OA;;FA;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)", kRead, Decision::kUnknown, 0},
      {"O:SYD:(OD;;FA;;;BU)(A;;FA;;;WD)", kRead, Decision::kUnknown, 0},
      // In a SACL.
      {"O:SYD:(A;;FA;;;WD)S:(TL;;0x1;;;S-1-19-512-4096)", kRead, Decision::kGranted, 0},
      {"O:SYD:(A;;FA;;;WD)S:(TL;;0x1;;;S-1-19-512-4096)", kWrite, Decision::kUnknown, 0},
      {"O:SYD:(A;;0x1;;;WD)S:(TL;;0x1;;;S-1-19-512-4096)", kWrite, Decision::kDenied, -1},
      {"O:SYD:(A;;FA;;;WD)S:(SP;;;;;S-1-17-1)", kRead, Decision::kUnknown, 0},
      {"O:SYD:(A;;FA;;;WD)S:(RA;;;;;WD;(\"a\",TI,0,1))", kRead, Decision::kGranted, 0},
      {"O:SYD:(A;;FA;;;WD)S:(AU;SAFA;FA;;;WD)", kRead, Decision::kGranted, 0},
      // The presence of a conditional entry for OWNER RIGHTS may take the owner's place.
      {"O:S-1-5-21-1-2-3-1001D:(XA;;RC;;;OW;(a==1))", kWriteDac, Decision::kUnknown, -1},
      // No owner given: who owns it may be the token's user.
      {"D:(A;;0x1;;;WD)", kRead, Decision::kGranted, 0},
      {"D:(A;;0x1;;;WD)", kWriteDac, Decision::kUnknown, -1},
      {"D:(A;;0x1;;;WD)", kWrite, Decision::kDenied, -1},
      {"D:(A;;0x2;;;OW)", kWrite, Decision::kUnknown, 0},
      {"D:(A;;RC;;;OW)", kWriteDac, Decision::kDenied, -1},
  };
  for (const UnknownCase& row : kCases) {
    const Verdict verdict = Ask(DeveloperToken(), row.sddl, row.wanted);
    EXPECT_EQ(verdict.decision, row.decision) << row.sddl;
    EXPECT_EQ(verdict.ace, row.ace) << row.sddl;
  }
}

TEST(Unknown, EntriesOfUnknownTypesMayDoAnything) {
  SecurityDescriptor descriptor = Sddl("O:SYD:(A;;0x1;;;WD)(A;;0x2;;;WD)");
  Ace strange;
  strange.type = static_cast<AceType>(0x50);
  descriptor.dacl.aces.insert(descriptor.dacl.aces.begin() + 1, strange);
  const GenericMapping& files = MappingOf(ObjectType::kFile);
  EXPECT_EQ(Check(DeveloperToken(), descriptor, kRead, files).decision, Decision::kGranted);
  EXPECT_EQ(Check(DeveloperToken(), descriptor, kWrite, files).decision, Decision::kUnknown);
  EXPECT_EQ(Check(DeveloperToken(), descriptor, kFileExecute, files).decision, Decision::kUnknown);
}

TEST(Unknown, ASourceWithoutLabels) {
  SecurityDescriptor descriptor = Sddl("O:SYD:(A;;FA;;;WD)");
  descriptor.sacl_known = false;
  const GenericMapping& files = MappingOf(ObjectType::kFile);
  EXPECT_EQ(Check(DeveloperToken(), descriptor, kWrite, files).decision, Decision::kUnknown);
  EXPECT_EQ(Check(DeveloperToken(), descriptor, kWrite, files).pass, Pass::kIntegrity);
  descriptor.dacl.aces.clear();
  EXPECT_EQ(Check(DeveloperToken(), descriptor, kWrite, files).decision, Decision::kDenied);
  Token off = DeveloperToken();
  off.no_write_up = false;
  descriptor.dacl.aces = {AllowAce(kEveryone, kFileAllAccess)};
  EXPECT_EQ(Check(off, descriptor, kWrite, files).decision, Decision::kGranted);
}

}  // namespace
}  // namespace paddock::access
