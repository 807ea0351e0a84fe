#include "core/lease/lease_record.h"

#include <gtest/gtest.h>

namespace paddock {
namespace {

LeaseRecord Full() {
  LeaseRecord record;
  record.phase = LeasePhase::kStamped;
  record.root = {{7, {1, 2}}, "C:\\w"};
  record.capability = access::Sid(5, {21, kLeaseAuthority, 1, 2, 3});
  record.changes = "(A;OICI;0x1301bf;;;{capability})|tree|d\n";
  record.user_denies = {{record.root, "(D;;0x40;;;S-1-5-21-1-2-3-1001)"}};
  record.placeholders = {{record.root, ".claude", ".paddock-placeholder-1", std::nullopt},
                         {record.root, ".vscode", ".paddock-placeholder-2", FileKey{7, {9}}}};
  record.watched = {{record.root, {".mcp.json"}}, {record.root, {"a", "b"}}};
  record.quarantines = {".paddock-quarantine-1"};
  return record;
}

TEST(LeaseRecord, ReadsBackWhatItWrites) {
  const auto read = ParseLeaseRecord(FormatLeaseRecord(Full()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, Full());
}

TEST(LeaseRecord, RefusesEveryTruncation) {
  const std::string text = FormatLeaseRecord(Full());
  for (size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(ParseLeaseRecord(text.substr(0, size)).ok()) << size;
  }
}

TEST(LeaseRecord, RefusesWhatWouldLeadElsewhere) {
  LeaseRecord record = Full();
  record.capability = access::Sid(5, {21, 1, 2, 3, 1001});
  EXPECT_FALSE(ParseLeaseRecord(FormatLeaseRecord(record)).ok()) << "another's SID";
  record = Full();
  record.user_denies.front().ace = "(A;;FA;;;WD)";
  EXPECT_FALSE(ParseLeaseRecord(FormatLeaseRecord(record)).ok()) << "another entry";
  for (const char* name : {"", ".", "..", "a\\b", "a/b", "a:b"}) {
    record = Full();
    record.placeholders.front().temporary = name;
    EXPECT_FALSE(ParseLeaseRecord(FormatLeaseRecord(record)).ok()) << name;
    record = Full();
    record.watched.front().names.front() = name;
    EXPECT_FALSE(ParseLeaseRecord(FormatLeaseRecord(record)).ok()) << name;
  }
}

}  // namespace
}  // namespace paddock
