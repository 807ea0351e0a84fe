#ifndef PADDOCK_CORE_AUDIT_SNAPSHOT_H_
#define PADDOCK_CORE_AUDIT_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/access/sddl.h"
#include "core/access/token.h"

// The security descriptors of a tree of Windows files as data, from whatever source: a snapshot file
// (snapshot_reader.h), a file that `icacls /save` wrote (icacls_reader.h), or the host at hand
// (core/platform/windows/descriptor_walk.h). Judged by judge_snapshot.h.

namespace paddock::audit {

// Bounds on what is read, which is untrusted.
inline constexpr size_t kMaxSnapshotEntries = 2'000'000;
inline constexpr size_t kMaxSnapshotLine = access::kMaxSddlLength + (256 << 10);  // bytes: a descriptor, and a path

enum class EntryKind : uint8_t { kFile, kDirectory, kUnknown };

struct SnapshotEntry {
  std::string path;         // "C:\ws\a", "\\server\share\a"; no '\' at the end but for "C:\"
  int32_t descriptor = -1;  // in Snapshot::descriptors; -1: it was not read
  int32_t problem = -1;     // in Snapshot::problems: why
  uint32_t line = 0;        // of the source, from 1; 0: not from a file
  EntryKind kind = EntryKind::kFile;
  bool reparse = false;  // a link, junction, mount point or the like: what lies behind it is not part of the tree
  bool read_only = false;
};

// Whose token it is that a run's token is made from.
struct SnapshotAccount {
  access::Sid user;
  std::vector<access::Group> groups;
  uint32_t integrity = access::kMediumIntegrity;
  access::SddlDomains domains;
};

struct Snapshot {
  std::string source;  // for messages: the file
  SnapshotAccount account;
  std::vector<std::string> roots;  // what was walked
  std::vector<SnapshotEntry> entries;
  std::vector<access::SecurityDescriptor> descriptors;  // each once
  std::vector<std::string> problems;                    // each once
  uint64_t skipped = 0;                  // entries that could not even be named, and directories cut short
  bool complete = true;                  // the source says that it was written to its end
  std::vector<std::string> cannot_tell;  // what the source leaves open, as sentences
};

// Gives each text that occurs its place in a snapshot: an index into `descriptors` and `problems`, as in an entry.
class DescriptorTable {
 public:
  struct Place {
    int32_t descriptor = -1;
    int32_t problem = -1;
  };

  // `assume` is applied to each descriptor when it is read first.
  struct Assumptions {
    bool has_labels = true;              // false: what the source says of the SACL is nothing
    const access::Sid* owner = nullptr;  // of a descriptor without one
  };

  explicit DescriptorTable(Snapshot* snapshot) : snapshot_(*snapshot) {}

  // A text that is no SDDL makes a problem, not an error: one odd descriptor among many is one that nothing is known
  // of, and is reported so.
  Place Sddl(absl::string_view text, const access::SddlDomains& domains, const Assumptions& assume);
  // As GetFileSecurityW gives it.
  Place Binary(absl::string_view bytes);
  int32_t Problem(absl::string_view text);

 private:
  Place Keep(absl::string_view key, absl::StatusOr<access::SecurityDescriptor> descriptor);

  Snapshot& snapshot_;
  std::unordered_map<std::string, Place> known_;
  std::unordered_map<std::string, int32_t> problems_;
};

// Of a path as snapshots have it: empty for a top ("C:\", "\\server\share").
absl::string_view SnapshotParent(absl::string_view path);

// What keeps `path` from being one of a snapshot, as a predicate: "is not absolute"; empty: nothing.
absl::string_view PathProblem(absl::string_view path);

// Whether `path` is `root` or lies below it, without regard to the case of ASCII letters.
bool IsBelowRoot(absl::string_view path, absl::string_view root);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_SNAPSHOT_H_
