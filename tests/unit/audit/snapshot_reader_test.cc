#include "core/audit/snapshot_reader.h"

#include <string>

#include "tests/unit/audit/snapshot_fixture.h"

namespace paddock::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using SnapshotReaderTest = SnapshotTest;

TEST_F(SnapshotReaderTest, WhatALineHolds) {
  Directory("C:\\", kSystemDirectory);
  Line("C:\\a", R"(,"read_only":true,"reparse":true)", kSystemFile);
  lines_ += R"({"path":"C:\\b","sddl":1})"
            "\n";
  Unread("C:\\c", "access is denied (5)");
  lines_ += R"({"skipped":"C:\\","error":"a name that is not Unicode"})"
            "\n";
  ++count_;
  const Snapshot taken = Taken();
  ASSERT_EQ(taken.entries.size(), 4u);
  EXPECT_EQ(taken.entries[0].kind, EntryKind::kDirectory);
  EXPECT_EQ(taken.entries[0].path, "C:\\");
  EXPECT_EQ(taken.entries[1].kind, EntryKind::kFile);
  EXPECT_TRUE(taken.entries[1].read_only && taken.entries[1].reparse);
  EXPECT_EQ(taken.entries[2].descriptor, taken.entries[1].descriptor);
  EXPECT_EQ(taken.entries[3].descriptor, -1);
  EXPECT_EQ(taken.problems[0], "access is denied (5)");
  EXPECT_EQ(taken.entries[3].line, 5u);
  EXPECT_EQ(taken.descriptors.size(), 2u);
  EXPECT_EQ(taken.skipped, 1u);
  EXPECT_TRUE(taken.complete);
  EXPECT_EQ(taken.account.user.ToString(), kUser);
  ASSERT_EQ(taken.account.groups.size(), 5u);
  EXPECT_TRUE(taken.account.groups[3].deny_only);
  EXPECT_TRUE(taken.account.groups[4].logon && taken.account.groups[4].enabled);
}

TEST_F(SnapshotReaderTest, PiecesOfAnySizeAreTheSame) {
  Directory("C:\\", kSystemDirectory);
  File("C:\\a", kSystemFile);
  const std::string text = absl::StrCat("\xef\xbb\xbf", absl::StrReplaceAll(header_ + lines_, {{"\n", "\r\n"}}),
                                        R"({"end":true,"entries":2})");
  for (size_t size = 1; size < 40; ++size) {
    SnapshotReader reader("f");
    for (size_t at = 0; at < text.size(); at += size) ASSERT_TRUE(reader.Add(text.substr(at, size)).ok()) << size;
    const auto snapshot = std::move(reader).Finish();
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    EXPECT_EQ(snapshot->entries.size(), 2u);
    EXPECT_TRUE(snapshot->complete);
  }
}

TEST_F(SnapshotReaderTest, WithoutItsEndItIsIncomplete) {
  Directory("C:\\", kSystemDirectory);
  const auto snapshot = Read(header_ + lines_);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE(snapshot->complete);
}

TEST_F(SnapshotReaderTest, ADescriptorThatIsNoneIsOneThatWasNotRead) {
  File("C:\\a", "D:(A;;FA;;;LA)");
  EXPECT_THAT(Taken().problems, ElementsAre(HasSubstr("relative to the SID of the machine")));
  header_ = Header(R"("labels":true,"machine":"S-1-5-21-1-2-3")");
  EXPECT_THAT(Taken().problems, IsEmpty());
}

TEST_F(SnapshotReaderTest, LabelsThatWereNotReadAreNotKnown) {
  File("C:\\a", kSystemFile);
  EXPECT_TRUE(Taken().descriptors[0].sacl_known);
  header_ = Header(R"("labels":false)");
  EXPECT_FALSE(Taken().descriptors[0].sacl_known);
}

TEST_F(SnapshotReaderTest, ErrorsNameTheLine) {
  const std::string entry = R"({"path":"C:\\a","sddl":"D:"})"
                            "\n";
  const struct {
    std::string text, error;
  } kRows[] = {
      {"", "f:1: empty"},
      {"x\n", "f:1: JSON"},
      {"[]\n", "f:1: no JSON object"},
      {R"({"schema":"paddock.snapshot/2"})", "f:1: the schema is \"paddock.snapshot/2\""},
      {R"({"schema":"paddock.snapshot/1","root":[]})", "f:1: unknown key \"root\""},
      {R"({"schema":"paddock.snapshot/1","roots":[]})", "\"roots\" is no list"},
      {R"({"schema":"paddock.snapshot/1","roots":["ws"]})", "the root \"ws\" is not absolute"},
      {R"({"schema":"paddock.snapshot/1","roots":["C:\\"],"user":"S-1-5-18","groups":[]})", "\"labels\" is missing"},
      {R"({"schema":"paddock.snapshot/1","roots":["C:\\"],"user":"me","groups":[],"labels":true})", "f:1: \"user\": "},
      {Header(R"("labels":1)"), "neither true nor false"},
      {Header() + "{}", "f:2: neither \"path\""},
      {Header() + R"({"path":"C:\\a"})", "f:2: an entry has either"},
      {Header() + R"({"path":"C:\\a","sddl":"D:","error":"x"})", "f:2: an entry has either"},
      {Header() + R"({"path":"C:\\a","sddl":0})", "f:2: \"sddl\" is neither a text nor"},
      {Header() + R"({"path":"C:\\a","sddl":-1})", "no whole number"},
      {Header() + R"({"path":"C:\\a","dir":true,"sddl":"D:"})", "unknown key \"dir\""},
      {Header() + R"({"path":"a","sddl":"D:"})", "is not absolute"},
      {Header() + R"({"path":"C:\\a\\..\\b","sddl":"D:"})", "holds . or .."},
      {Header() + R"({"path":"C:\\a\\","sddl":"D:"})", "holds an empty name"},
      {Header() + R"({"path":"C:\\a/b","sddl":"D:"})", "holds a slash"},
      {Header() + R"({"path":"C:\\a\u0000","sddl":"D:"})", "holds a NUL"},
      {Header() + R"({"path":"\\\\?\\C:\\a","sddl":"D:"})", "leave it out"},
      {Header() + R"({"path":"\\\\server","sddl":"D:"})", "without a share"},
      {Header() + R"({"path":"C:\\\ud800","sddl":"D:"})", "f:2: JSON"},
      {Header() + entry + R"({"end":true,"entries":2})", "f:3: \"entries\" is not 1"},
      {Header() +
           R"({"end":true,"entries":0})"
           "\n" +
           entry,
       "f:3: something follows"},
      {Header() + std::string(kMaxSnapshotLine + 1, ' '), "f:2: a line of more than"},
  };
  for (const auto& row : kRows) {
    const auto snapshot = Read(row.text);
    EXPECT_EQ(snapshot.status().code(), absl::StatusCode::kInvalidArgument) << row.text.substr(0, 200);
    EXPECT_THAT(std::string(snapshot.status().message()), HasSubstr(row.error)) << row.text.substr(0, 200);
  }
}

TEST(SnapshotPaths, Parents) {
  EXPECT_EQ(SnapshotParent("C:\\a\\b"), "C:\\a");
  EXPECT_EQ(SnapshotParent("C:\\a"), "C:\\");
  EXPECT_EQ(SnapshotParent("C:\\"), "");
  EXPECT_EQ(SnapshotParent("\\\\s\\share\\a"), "\\\\s\\share");
  EXPECT_EQ(SnapshotParent("\\\\s\\share"), "");
}

TEST(SnapshotPaths, BelowARoot) {
  EXPECT_TRUE(IsBelowRoot("c:\\WS\\a", "C:\\ws"));
  EXPECT_TRUE(IsBelowRoot("C:\\ws", "C:\\ws"));
  EXPECT_TRUE(IsBelowRoot("C:\\ws", "C:\\"));
  EXPECT_FALSE(IsBelowRoot("C:\\ws2", "C:\\ws"));
  EXPECT_FALSE(IsBelowRoot("C:\\", "C:\\ws"));
}

}  // namespace
}  // namespace paddock::audit
