#include "core/audit/icacls_reader.h"

#include <string>

#include "core/base/utf16.h"
#include "tests/unit/audit/snapshot_fixture.h"

namespace paddock::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// As `icacls /save` writes it: UTF-16LE.
std::string Bytes(absl::string_view text, bool mark = false) {
  std::string bytes = mark ? "\xff\xfe" : "";
  const std::u16string units = Utf8ToUtf16(text).value_or(u"");
  for (const char16_t unit : units) {
    bytes.push_back(static_cast<char>(unit & 0xff));
    bytes.push_back(static_cast<char>(unit >> 8));
  }
  return bytes;
}

class IcaclsReaderTest : public SnapshotTest {
 protected:
  IcaclsReaderTest() {
    context_.root = "C:\\";
    context_.account.user = *access::Sid::Parse(kUser);
    context_.account.groups = OrdinaryGroups();
  }
  absl::StatusOr<Snapshot> ReadBytes(const std::string& bytes) const {
    IcaclsReader reader("f", context_);
    for (const char byte : bytes) {
      if (const absl::Status added = reader.Add(absl::string_view(&byte, 1)); !added.ok()) return added;
    }
    return std::move(reader).Finish();
  }
  Snapshot Saved(absl::string_view text) const {
    auto snapshot = ReadBytes(Bytes(text));
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return snapshot.ok() ? *std::move(snapshot) : Snapshot();
  }
  IcaclsContext context_;
};

constexpr char kTree[] =
    "ws\r\nD:PAI(A;;FA;;;BA)\r\n"
    "ws\\na\xc3\xafve\r\nD:AI(A;OICIID;FA;;;BA)\r\n"
    "ws\\naive.txt\r\nD:AI(A;ID;FA;;;BA)\r\n";

TEST_F(IcaclsReaderTest, PairsOfLinesWithAndWithoutAMark) {
  for (const bool mark : {false, true}) {
    const auto saved = ReadBytes(Bytes(kTree, mark));
    ASSERT_TRUE(saved.ok()) << saved.status();
    ASSERT_EQ(saved->entries.size(), 3u);
    EXPECT_EQ(saved->entries[1].path, "C:\\ws\\na\xc3\xafve");
    EXPECT_EQ(saved->entries[1].line, 4u);
    // It has something below it; entries that are passed on; neither.
    EXPECT_EQ(saved->entries[0].kind, EntryKind::kDirectory);
    EXPECT_EQ(saved->entries[1].kind, EntryKind::kDirectory);
    EXPECT_EQ(saved->entries[2].kind, EntryKind::kUnknown);
  }
}

TEST_F(IcaclsReaderTest, AnEmptyPathIsTheRootUnlessNothingFollows) {
  const Snapshot saved = Saved("\r\nD:PAI(A;;FA;;;BA)\r\nws\r\nD:AI(A;;FA;;;BA)\r\n\r\n\r\n");
  ASSERT_EQ(saved.entries.size(), 2u);
  EXPECT_EQ(saved.entries[0].path, "C:\\");
  EXPECT_EQ(saved.entries[1].path, "C:\\ws");
}

TEST_F(IcaclsReaderTest, SaysWhatItCannotTell) {
  const Snapshot bare = Saved(kTree);
  EXPECT_FALSE(bare.descriptors[0].owner.has_value());
  EXPECT_FALSE(bare.descriptors[0].sacl_known);
  EXPECT_THAT(bare.cannot_tell, ElementsAre(HasSubstr("owners"), HasSubstr("labels"), HasSubstr("could not read")));
  context_.owner = access::kAdministrators;
  context_.no_labels = true;
  const Snapshot assumed = Saved(kTree);
  EXPECT_EQ(assumed.descriptors[0].owner, access::kAdministrators);
  EXPECT_TRUE(assumed.descriptors[0].sacl_known);
  EXPECT_THAT(assumed.cannot_tell, ElementsAre(HasSubstr("could not read")));
}

TEST_F(IcaclsReaderTest, WhatDependsOnLabelsAndOwnersIsUnknown) {
  constexpr char kOpen[] = "ws\r\nD:(A;OICI;FA;;;WD)\r\nshut\r\nD:(A;OICI;FA;;;BA)\r\n";
  auto bare = ById(JudgedOf(Saved(kOpen)));
  EXPECT_THAT(bare, Not(testing::Contains(testing::Key("windows_permissions_open"))));
  // Who owns it might change permissions, even where the DACL gives nothing.
  EXPECT_EQ(bare.at("windows_unknown").count, 2u);
  context_.no_labels = true;
  auto labels = ById(JudgedOf(Saved(kOpen)));
  EXPECT_EQ(Paths(labels.at("windows_permissions_open")), std::vector<std::string>{"C:\\ws"});
  EXPECT_EQ(Paths(labels.at("windows_unknown")), std::vector<std::string>{"C:\\shut"});
  EXPECT_THAT(labels.at("windows_unknown").paths[0].note, HasSubstr("owner is not known"));
  context_.owner = access::kAdministrators;
  EXPECT_THAT(ById(JudgedOf(Saved(kOpen))), Not(testing::Contains(testing::Key("windows_unknown"))));
}

TEST_F(IcaclsReaderTest, AliasesOfTheMachineNeedItsSid) {
  constexpr char kAlias[] = "ws\r\nD:(A;;FA;;;LA)\r\n";
  EXPECT_THAT(Saved(kAlias).problems, ElementsAre(HasSubstr("relative to the SID of the machine")));
  context_.account.domains.machine = *access::Sid::Parse("S-1-5-21-1-2-3");
  EXPECT_THAT(Saved(kAlias).problems, IsEmpty());
}

TEST_F(IcaclsReaderTest, ErrorsNameTheLine) {
  const struct {
    std::string bytes, error;
  } kRows[] = {
      {"", "no entries"},
      {"ws\r\nD:(A;;FA;;;BA)\r\n", "no SDDL behind it"},  // not UTF-16
      {Bytes("ws\r\nD:\r\n") + "x", "odd number of bytes"},
      {Bytes("ws\r\n"), "the last path has no SDDL"},
      {Bytes("ws\r\nsub\r\n"), "f:2: no SDDL"},
      {Bytes("C:\\ws\r\nD:\r\n"), "f:1: \"C:\\ws\" is no path relative"},
      {Bytes("ws\r\nD:\r\n..\\x\r\nD:\r\n"), "f:3: \"..\\x\" is no path relative"},
      {Bytes(absl::string_view("a\0b\r\n", 5)), "f:1: a NUL"},
  };
  for (const auto& row : kRows) {
    const auto saved = ReadBytes(row.bytes);
    EXPECT_EQ(saved.status().code(), absl::StatusCode::kInvalidArgument) << row.error;
    EXPECT_THAT(std::string(saved.status().message()), HasSubstr(row.error));
  }
  context_.root = "ws";
  EXPECT_THAT(std::string(ReadBytes(Bytes(kTree)).status().message()), HasSubstr("the root \"ws\" is not absolute"));
}

}  // namespace
}  // namespace paddock::audit
