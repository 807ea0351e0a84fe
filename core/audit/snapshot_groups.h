#ifndef PADDOCK_CORE_AUDIT_SNAPSHOT_GROUPS_H_
#define PADDOCK_CORE_AUDIT_SNAPSHOT_GROUPS_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/audit/snapshot.h"

// What is alike below one directory, as one place. Internal to core/audit.

namespace paddock::audit {

// What was found out about an entry: a kind of finding, and a note (Reach).
struct Verdict {
  uint8_t kind = 0;
  int32_t note = 0;
  bool operator==(const Verdict&) const = default;
};

struct Group {
  Verdict verdict;
  int32_t above = -1;  // the directory that holds all of it; -1: it is not in the snapshot
  int32_t first = -1;  // the entry that was added first
  uint64_t tops = 0;   // entries that are not below another of the group
  uint64_t count = 0;
};

// Entries have to come parents first. Numbers are indices into the snapshot's entries.
class GroupTable {
 public:
  explicit GroupTable(const std::vector<int32_t>& parents) : parents_(parents), group_of_(parents.size(), -1) {}

  void Add(int32_t entry, Verdict verdict);
  const std::vector<Group>& groups() const { return groups_; }

 private:
  struct Key {
    int32_t above;
    Verdict verdict;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const {
      const uint64_t mixed =
          (static_cast<uint64_t>(static_cast<uint32_t>(key.above)) << 32 | static_cast<uint32_t>(key.verdict.note)) *
              0x9e3779b97f4a7c15u +
          key.verdict.kind;
      return static_cast<size_t>(mixed ^ mixed >> 29);
    }
  };

  const std::vector<int32_t>& parents_;
  std::vector<int32_t> group_of_;  // by entry; -1: in none
  std::vector<Group> groups_;
  std::unordered_map<Key, int32_t, Hash> below_;  // the group that stands for a directory's children
};

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_SNAPSHOT_GROUPS_H_
