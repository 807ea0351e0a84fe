#include "core/audit/judge_snapshot.h"

#include <string>

#include "tests/unit/audit/snapshot_fixture.h"

// Each finding on a tree made for it, and its absence where that one thing is mended.

namespace paddock::audit {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class JudgeSnapshotTest : public SnapshotTest {
 protected:
  // The ways down, which nobody but administrators changes.
  void Top() { Directory("C:\\", kSystemDirectory); }
  // Of one entry in a directory that gives the user nothing.
  std::map<std::string, Finding> OfFile(absl::string_view sddl, TokenKind kind = TokenKind::kWindowsToken) {
    lines_.clear();
    count_ = 0;
    Top();
    File("C:\\x", sddl);
    return Findings(kind);
  }
};

TEST_F(JudgeSnapshotTest, ATreeThatIsShutHasNoFinding) {
  Top();
  Directory("C:\\Windows", kSystemDirectory);
  File("C:\\Windows\\notepad.exe", kSystemFile);
  EXPECT_THAT(Findings(), IsEmpty());
  EXPECT_THAT(Findings(TokenKind::kLowIntegrity), IsEmpty());
  EXPECT_THAT(Findings(TokenKind::kAppContainer), IsEmpty());
  const AuditReport report = Judged();
  EXPECT_EQ(report.backend, "windows_token");
  EXPECT_THAT(report.model->statement, HasSubstr("3 entries visited, 0 of them unreadable"));
}

TEST_F(JudgeSnapshotTest, WhatEveryoneMayWrite) {
  const auto found = OfFile("O:BAG:SYD:(A;;0x1301bf;;;WD)");
  const Finding& finding = found.at("windows_writable_outside");
  EXPECT_EQ(finding.severity, Severity::kHigh);
  EXPECT_THAT(finding.paths[0].note, HasSubstr("write, append, delete: Everyone has"));
  EXPECT_THAT(finding.paths[0].note, HasSubstr("Everyone has (A;;0x1301bf;;;WD)"));
  EXPECT_THAT(finding.commands, ElementsAre("icacls C:\\x /remove:g '*S-1-1-0'"));
  EXPECT_EQ(found.size(), 1u);
  // Control: to users by name, or to everybody for reading alone.
  EXPECT_THAT(OfFile("O:BAG:SYD:(A;;0x1301bf;;;BU)"), IsEmpty());
  EXPECT_THAT(OfFile("O:BAG:SYD:(A;;0x1200a9;;;WD)"), IsEmpty());
  // A denial that comes first.
  EXPECT_THAT(OfFile("O:BAG:SYD:(D;;0x1301bf;;;BU)(A;;0x1301bf;;;WD)"), IsEmpty());
}

TEST_F(JudgeSnapshotTest, WhatIsInheritedIsCutOffFirst) {
  EXPECT_THAT(OfFile("O:BAG:SYD:AI(A;ID;0x1301bf;;;WD)").at("windows_writable_outside").commands,
              ElementsAre("icacls C:\\x /inheritance:d", "icacls C:\\x /remove:g '*S-1-1-0'"));
}

TEST_F(JudgeSnapshotTest, ReadOnlyHoldsOnlyWhoMayNotChangeTheAttribute) {
  Top();
  Line("C:\\a", R"(,"read_only":true)", "O:BAG:SYD:(A;;0x120016;;;WD)");  // write, append, EA
  Line("C:\\b", R"(,"read_only":true)", "O:BAG:SYD:(A;;0x120116;;;WD)");  // and attributes
  EXPECT_THAT(Paths(Findings().at("windows_writable_outside")), ElementsAre("C:\\b"));
}

TEST_F(JudgeSnapshotTest, Permissions) {
  const auto found = OfFile("O:BAG:SYD:(A;;0x00060000;;;WD)");
  EXPECT_THAT(found.at("windows_permissions_open").paths[0].note, HasSubstr("change permissions: Everyone has"));
  EXPECT_THAT(OfFile("O:BAG:SYD:(A;;0x00080000;;;WD)"), Contains(Key("windows_permissions_open")));
  EXPECT_THAT(OfFile("O:BAG:SYD:(A;;RC;;;WD)"), IsEmpty());
  // The user owns it, which a restricted token does not profit from; what Everyone owns, it does.
  EXPECT_THAT(OfFile("O:S-1-5-21-1-2-3-1001G:SYD:(A;;FR;;;WD)"), IsEmpty());
  const auto owned = OfFile("O:WDG:SYD:(A;;FR;;;WD)");
  EXPECT_THAT(owned.at("windows_permissions_open").paths[0].note, HasSubstr("Everyone owns it"));
  EXPECT_THAT(owned.at("windows_permissions_open").commands,
              ElementsAre("icacls C:\\x /setowner '*S-1-5-21-1-2-3-1001'"));
  EXPECT_THAT(OfFile("O:WDG:SYD:(A;;FR;;;WD)(A;;FR;;;OW)"), IsEmpty());
}

TEST_F(JudgeSnapshotTest, NoDacl) {
  for (const char* sddl : {"O:BAG:SYD:NO_ACCESS_CONTROL", "O:BAG:SY"}) {
    const auto found = OfFile(sddl);
    EXPECT_THAT(found.at("windows_null_dacl").commands, ElementsAre("icacls C:\\x /reset"));
    EXPECT_EQ(found.size(), 1u);
    // A label above the token's holds without a DACL too; nobody granted the package anything.
    EXPECT_THAT(OfFile(sddl, TokenKind::kLowIntegrity), IsEmpty());
    EXPECT_THAT(OfFile(sddl, TokenKind::kAppContainer), IsEmpty());
  }
  EXPECT_THAT(OfFile("O:BAG:SYD:"), IsEmpty());
}

TEST_F(JudgeSnapshotTest, DeletionThroughTheDirectory) {
  Top();
  Directory("C:\\Users", kSystemDirectory);
  Directory("C:\\Users\\dev", kOwnDirectory);
  File("C:\\Users\\dev\\a", kOwnFile);
  Directory("C:\\Users\\dev\\d", kOwnDirectory);
  File("C:\\Users\\dev\\d\\b", kOwnFile);
  File("C:\\Users\\dev\\d\\system", kSystemFile);
  const auto found = Findings();
  const Finding& finding = found.at("windows_deletable_outside");
  EXPECT_EQ(found.size(), 1u);
  EXPECT_EQ(finding.severity, Severity::kMedium);
  EXPECT_EQ(finding.count, 4u);
  EXPECT_THAT(Paths(finding), ElementsAre("C:\\Users\\dev\\*"));
  EXPECT_THAT(finding.paths[0].note,
              HasSubstr("4 entries, delete, by FILE_DELETE_CHILD of its directory: the user has"));
  EXPECT_THAT(finding.commands, ElementsAre("icacls C:\\Users\\dev /deny '*S-1-5-21-1-2-3-1001:(CI)(DC)'"));
}

TEST_F(JudgeSnapshotTest, NoDeletionWithoutDeleteChild) {
  Top();
  Directory("C:\\dev", kOwnWithoutDeleteChild);
  File("C:\\dev\\a", kOwnFile);
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(JudgeSnapshotTest, DeletionByTheFileItself) {
  const auto found = OfFile("O:BAG:SYD:(A;;SD;;;WD)");
  EXPECT_THAT(found.at("windows_deletable_outside").paths[0].note, HasSubstr("delete: Everyone has (A;;SD;;;WD)"));
  EXPECT_THAT(found.at("windows_deletable_outside").commands, ElementsAre("icacls C:\\x /remove:g '*S-1-1-0'"));
  EXPECT_THAT(OfFile("O:BAG:SYD:(A;;SD;;;BU)"), IsEmpty());
}

TEST_F(JudgeSnapshotTest, AttributesAlone) {
  EXPECT_EQ(OfFile("O:BAG:SYD:(A;;0x100;;;WD)").at("windows_attributes_open").severity, Severity::kLow);
  EXPECT_THAT(OfFile("O:BAG:SYD:(A;;0x80;;;WD)"), IsEmpty());
}

TEST_F(JudgeSnapshotTest, ACapabilityOutsideOfItsGrant) {
  const char* const sddl = "O:BAG:SYD:(A;;0x1301bf;;;S-1-5-21-9-8-7-6)(A;;FA;;;S-1-5-21-1-2-3-1001)";
  EXPECT_THAT(OfFile(sddl), IsEmpty());
  capabilities_ = {*access::Sid::Parse("S-1-5-21-9-8-7-6")};
  const auto found = OfFile(sddl);
  EXPECT_THAT(found.at("windows_capability_outside").paths[0].note, HasSubstr("a capability of the run has"));
  EXPECT_THAT(found.at("windows_capability_outside").commands,
              ElementsAre("icacls C:\\x /remove:g '*S-1-5-21-9-8-7-6'"));
  grants_ = {"c:\\X"};
  EXPECT_THAT(OfFile(sddl), IsEmpty());
}

TEST_F(JudgeSnapshotTest, ProtectedNamesInAGrant) {
  const auto tree = [&](const char* directory) {
    lines_.clear();
    count_ = 0;
    Top();
    Directory("C:\\ws", directory);
    Directory("C:\\ws\\.git", directory);
    File("C:\\ws\\.git\\config", kOwnFile);
    File("C:\\ws\\.git\\index", kOwnFile);
    File("C:\\ws\\main.c", kOwnFile);
    Directory("C:\\ws\\sub", directory);
    Directory("C:\\ws\\sub\\.GIT", directory);
    Directory("C:\\ws\\sub\\.GIT\\hooks", directory);
    File("C:\\ws\\sub\\.GIT\\hooks\\pre-commit", kOwnFile);
    return Findings();
  };
  grants_ = {"C:\\ws"};
  const auto found = tree(kOwnDirectory);
  EXPECT_EQ(found.size(), 1u);
  const Finding& finding = found.at("windows_protected_deletable");
  EXPECT_EQ(finding.severity, Severity::kHigh);
  // The names, what is in them, and the .git above them; neither the index nor what is the command's own.
  EXPECT_EQ(finding.count, 5u);
  EXPECT_THAT(finding.commands, Contains("icacls C:\\ws /deny '*S-1-5-21-1-2-3-1001:(CI)(DC)'"));
  EXPECT_THAT(tree(kOwnWithoutDeleteChild), IsEmpty());
}

TEST_F(JudgeSnapshotTest, ProtectedNamesThatEveryoneMayWrite) {
  grants_ = {"C:\\ws"};
  Top();
  Directory("C:\\ws", kOwnWithoutDeleteChild);
  Directory("C:\\ws\\.vscode", "O:BAG:SYD:(A;OICI;0x1301bf;;;WD)");
  File("C:\\ws\\.vscode\\tasks.json", kSystemFile);
  File("C:\\ws\\open", "O:BAG:SYD:(A;;0x1301bf;;;WD)");
  const auto found = Findings();
  EXPECT_THAT(Paths(found.at("windows_protected_writable")), ElementsAre("C:\\ws\\.vscode"));
  EXPECT_EQ(found.size(), 1u);
}

TEST_F(JudgeSnapshotTest, WhatIsNotModelledIsUnknown) {
  const auto found = OfFile(R"(O:BAG:SYD:(XA;;FA;;;WD;(Member_of {SID(BA)})))");
  EXPECT_THAT(found.at("windows_unknown").paths[0].note,
              HasSubstr("perhaps change permissions, take ownership, write"));
  EXPECT_THAT(found.at("windows_unknown").paths[0].note, HasSubstr("it depends on (XA;;FA;;;WD;"));
  EXPECT_EQ(found.size(), 1u);
  // Behind the entry that decides, it is no matter.
  EXPECT_THAT(OfFile(R"(O:BAG:SYD:(D;;FA;;;WD)(XA;;FA;;;WD;(Member_of {SID(BA)})))"), IsEmpty());
}

TEST_F(JudgeSnapshotTest, WhatWasNotRead) {
  Top();
  Unread("C:\\sealed", "access is denied (5)");
  File("C:\\sealed\\x", kSystemFile);
  const auto found = Findings();
  EXPECT_THAT(found.at("windows_unreadable").paths[0].note, HasSubstr("access is denied"));
  EXPECT_THAT(found.at("windows_unknown").paths[0].note, HasSubstr("the descriptor of its directory was not read"));
  EXPECT_EQ(Judged().model->unreadable, 1u);
}

TEST_F(JudgeSnapshotTest, LowerTokens) {
  // Of the user's own, a low token changes what is labelled low; a package what names it.
  const std::string low = std::string(kOwnFile) + "S:(ML;;NW;;;LW)";
  EXPECT_THAT(OfFile(kOwnFile, TokenKind::kLowIntegrity), IsEmpty());
  EXPECT_THAT(OfFile(low, TokenKind::kLowIntegrity), Contains(Key("windows_permissions_open")));
  const std::string package = std::string(kOwnFile) + "(A;;FA;;;AC)";
  EXPECT_THAT(OfFile(kOwnFile, TokenKind::kAppContainer), IsEmpty());
  EXPECT_THAT(OfFile(package, TokenKind::kAppContainer), Contains(Key("windows_permissions_open")));
  EXPECT_THAT(OfFile(package, TokenKind::kLpac), IsEmpty());
}

TEST_F(JudgeSnapshotTest, LinksInGrantsAndGrantsNotSeen) {
  grants_ = {"C:\\ws", "D:\\elsewhere"};
  Top();
  Directory("C:\\ws", kOwnWithoutDeleteChild);
  Line("C:\\ws\\link", R"(,"directory":true,"reparse":true)", kOwnDirectory);
  const auto found = Findings();
  EXPECT_THAT(Paths(found.at("windows_reparse_points")), ElementsAre("C:\\ws\\link"));
  EXPECT_THAT(Paths(found.at("windows_grant_not_seen")), ElementsAre("D:\\elsewhere"));
}

TEST_F(JudgeSnapshotTest, AnIncompleteSnapshot) {
  Top();
  auto cut = Read(header_ + lines_);
  ASSERT_TRUE(cut.ok());
  EXPECT_THAT(ById(JudgedOf(*cut)), Contains(Key("windows_snapshot_incomplete")));
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(JudgeSnapshotTest, EqualFilesAreOnePlaceWhateverTheOrder) {
  constexpr int kFiles = 1000;
  for (int i = 0; i < kFiles; ++i) File(absl::StrCat("C:\\d\\", i % 10, "\\f", i), "O:BAG:SYD:(A;;FW;;;WD)");
  for (int i = 0; i < 10; ++i) Directory(absl::StrCat("C:\\d\\", i), "O:BAG:SYD:(A;OICI;FW;;;WD)");
  Directory("C:\\d", kSystemDirectory);
  const auto found = Findings();
  const Finding& finding = found.at("windows_writable_outside");
  EXPECT_EQ(finding.count, kFiles + 10u);
  ASSERT_EQ(finding.paths.size(), 1u);
  EXPECT_EQ(finding.paths[0].path, "C:\\d\\*");
  EXPECT_EQ(finding.paths[0].count, finding.count);
  EXPECT_THAT(finding.commands, ElementsAre("icacls 'C:\\d\\*' /remove:g '*S-1-1-0' /t"));
}

TEST_F(JudgeSnapshotTest, ThePlacesThatAreListedAreTheLargest) {
  Top();
  for (int i = 0; i < 150; ++i) {
    const std::string directory = absl::StrCat("C:\\", i);
    Directory(directory, kSystemDirectory);
    File(directory + "\\a", "O:BAG:SYD:(A;;FW;;;WD)");
    if (i >= 140) File(directory + "\\b", "O:BAG:SYD:(A;;FW;;;WD)");
  }
  const auto found = Findings();
  const Finding& finding = found.at("windows_writable_outside");
  EXPECT_EQ(finding.count, 160u);
  EXPECT_EQ(finding.paths.size(), kMaxListed);
  EXPECT_THAT(Paths(finding), Contains("C:\\149\\*"));
}

TEST_F(JudgeSnapshotTest, PathsListedTwice) {
  File("C:\\a", kSystemFile);
  File("C:\\a", kSystemFile);
  EXPECT_THAT(Findings(), IsEmpty());
  File("C:\\a", kOwnFile);
  const Snapshot snapshot = Taken();
  const auto run = MakeRunToken(snapshot.account, TokenKind::kWindowsToken, {});
  const auto report = JudgeSnapshot({snapshot, *run, {}, {}});
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("f:4: \"C:\\a\" is listed differently in line 2"));
}

TEST(MakeRunTokenTest, IsTheRestrictedTokenOfARun) {
  SnapshotAccount account;
  account.user = *access::Sid::Parse(kUser);
  account.integrity = access::kHighIntegrity;
  const auto run = MakeRunToken(account, TokenKind::kWindowsToken, {});
  ASSERT_TRUE(run.ok());
  EXPECT_TRUE(run->token.write_restricted);
  EXPECT_EQ(run->token.integrity, access::kMediumIntegrity);
  EXPECT_TRUE(access::HasRestricting(run->token, access::kEveryone));
  EXPECT_TRUE(access::HasEnabled(run->token, access::kEveryone));
  EXPECT_FALSE(access::HasRestricting(run->token, account.user));
  // The user's own SID among the capabilities would undo the restriction.
  EXPECT_FALSE(MakeRunToken(account, TokenKind::kWindowsToken, {account.user}).ok());
}

}  // namespace
}  // namespace paddock::audit
