#ifndef PADDOCK_CORE_AUDIT_SNAPSHOT_READER_H_
#define PADDOCK_CORE_AUDIT_SNAPSHOT_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/audit/snapshot.h"
#include "core/base/json.h"

namespace paddock::audit {

// Reads a snapshot file, "paddock.snapshot/1": one JSON object a line, UTF-8, in pieces of any size, so that the file
// is never in memory as a whole. docs/audit.md describes the format:
//
//   {"schema":"paddock.snapshot/1","roots":["C:\\ws"],"user":"S-1-5-21-...","groups":[...],"labels":true}
//   {"path":"C:\\ws","directory":true,"sddl":"O:BAG:BAD:(A;OICI;FA;;;BA)"}
//   {"path":"C:\\ws\\a","sddl":0}                           the first text again
//   {"path":"C:\\ws\\b","error":"access is denied (5)"}
//   {"skipped":"C:\\ws","error":"a name that is not Unicode"}
//   {"end":true,"entries":3}                                without it, the file is cut short, and counts as incomplete
//
// Everything in it is untrusted. Errors are InvalidArgument, "FILE:LINE: what is wrong; what would be right".
class SnapshotReader {
 public:
  explicit SnapshotReader(std::string source);
  SnapshotReader(const SnapshotReader&) = delete;
  SnapshotReader& operator=(const SnapshotReader&) = delete;

  absl::Status Add(absl::string_view bytes);
  // After the last piece.
  absl::StatusOr<Snapshot> Finish() &&;

 private:
  absl::Status Error(absl::string_view what) const;
  absl::Status Line(absl::string_view line);
  absl::Status Header(const Json& json);
  absl::Status Account(const Json& json);
  absl::Status Domains(const Json& json);
  absl::Status Group(const Json& json);
  absl::Status Entry(const Json& json);
  absl::Status Descriptor(const Json& json, SnapshotEntry* entry);
  absl::Status Skipped(const Json& json);
  absl::Status End(const Json& json);
  absl::Status Keys(const Json& json, std::initializer_list<absl::string_view> known) const;
  absl::StatusOr<std::string> Text(const Json& json, const char* key) const;
  // nullopt where it is not there, or null.
  absl::StatusOr<std::optional<std::string>> PerhapsText(const Json& json, const char* key) const;
  absl::StatusOr<std::optional<uint64_t>> Number(const Json& json, const char* key, uint64_t at_most) const;
  absl::StatusOr<bool> Flag(const Json& json, const char* key) const;
  absl::StatusOr<access::Sid> SidOf(const std::string& text, absl::string_view key) const;

  Snapshot snapshot_;
  DescriptorTable table_{&snapshot_};
  std::vector<DescriptorTable::Place> texts_;  // in the order of the file
  std::string rest_;                           // of a line whose end has not come yet
  uint32_t line_ = 0;
  bool has_labels_ = true;
  bool began_ = false;
  bool ended_ = false;
};

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_SNAPSHOT_READER_H_
