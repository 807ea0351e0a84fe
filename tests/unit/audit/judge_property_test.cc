#include <array>
#include <random>
#include <string>
#include <vector>

#include "core/access/file_ops.h"
#include "tests/unit/audit/snapshot_fixture.h"

// The judgement asks each descriptor once, and finds parents by itself. On random trees it has to come to what
// access::CheckFileOp says of each file, one by one.

namespace paddock::audit {
namespace {

using access::Decision;
using access::FileOp;

constexpr std::array<const char*, 14> kSddl = {
    kSystemDirectory,
    kSystemFile,
    kOwnDirectory,
    kOwnFile,
    kOwnWithoutDeleteChild,
    "O:BAG:SYD:NO_ACCESS_CONTROL",
    "O:BAG:SYD:",
    "O:BAG:SYD:(A;OICI;FA;;;WD)",
    "O:BAG:SYD:(A;;SD;;;WD)(A;;DC;;;BU)",
    "O:BAG:SYD:(D;;DC;;;BU)(A;OICI;FA;;;AU)(A;;FW;;;WD)",
    "O:WDG:SYD:(A;;FR;;;WD)",
    "O:BAG:SYD:(A;OICIIO;FA;;;WD)(A;;0x40;;;S-1-5-21-1-2-3-1001)",
    "O:S-1-5-21-1-2-3-1001G:SYD:(A;OICI;FA;;;S-1-5-21-1-2-3-1001)S:(ML;OICI;NW;;;LW)",
    "O:S-1-5-21-1-2-3-1001G:SYD:(A;OICI;FA;;;S-1-5-21-1-2-3-1001)(A;OICI;FA;;;AC)S:(ML;;NW;;;HI)",
};
constexpr FileOp kOps[] = {FileOp::kWrite, FileOp::kAppend, FileOp::kSetDacl, FileOp::kSetOwner, FileOp::kRemove};

bool IsChange(const std::string& id) {
  return id == "windows_null_dacl" || id == "windows_permissions_open" || id == "windows_writable_outside" ||
         id == "windows_deletable_outside" || id == "windows_capability_outside";
}

class JudgePropertyTest : public SnapshotTest {
 protected:
  void MakeTree(std::mt19937* random) {
    lines_.clear();
    count_ = 0;
    std::vector<std::string> directories = {"C:\\top"};
    Directory(directories[0], kSddl[(*random)() % kSddl.size()]);
    for (int i = 0; i < 30; ++i) {
      const std::string path = absl::StrCat(directories[(*random)() % directories.size()], "\\n", i);
      const char* const sddl = kSddl[(*random)() % kSddl.size()];
      if ((*random)() % 2 == 0) {
        Directory(path, sddl);
        directories.push_back(path);
      } else {
        File(path, sddl);
      }
    }
  }
};

TEST_F(JudgePropertyTest, CountsWhatCheckFileOpGrants) {
  std::mt19937 random(1);
  uint64_t all = 0;
  for (int round = 0; round < 300; ++round) {
    MakeTree(&random);
    const Snapshot snapshot = Taken();
    access::MemoryTree tree;
    for (const SnapshotEntry& entry : snapshot.entries) {
      access::FileNode node;
      node.descriptor = snapshot.descriptors[static_cast<size_t>(entry.descriptor)];
      node.directory = entry.kind == EntryKind::kDirectory;
      ASSERT_TRUE(tree.Add(entry.path, std::move(node)).ok());
    }
    for (const TokenKind kind : {TokenKind::kWindowsToken, TokenKind::kLowIntegrity, TokenKind::kAppContainer}) {
      const auto run = MakeRunToken(snapshot.account, kind, {});
      ASSERT_TRUE(run.ok());
      uint64_t granted = 0;
      for (const SnapshotEntry& entry : snapshot.entries) {
        bool any = false;
        for (const FileOp op : kOps) {
          any = any || access::CheckFileOp(tree, entry.path, op, run->token).decision == Decision::kGranted;
        }
        granted += any ? 1 : 0;
      }
      uint64_t found = 0;
      for (const auto& [id, finding] : ById(JudgedOf(snapshot, kind))) {
        if (IsChange(id)) found += finding.count;
      }
      ASSERT_EQ(found, granted) << "round " << round << ", " << Name(kind) << "\n" << lines_;
      all += granted;
    }
  }
  EXPECT_GT(all, 1000u);
}

}  // namespace
}  // namespace paddock::audit
