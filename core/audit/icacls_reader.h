#ifndef PADDOCK_CORE_AUDIT_ICACLS_READER_H_
#define PADDOCK_CORE_AUDIT_ICACLS_READER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/audit/snapshot.h"

namespace paddock::audit {

// What a file of `icacls /save` does not hold, from elsewhere.
struct IcaclsContext {
  std::string root;                  // what its paths are relative to: "C:\Users"
  SnapshotAccount account;           // groups: as a user at medium integrity has them, if empty
  std::optional<access::Sid> owner;  // taken for everything's; not given: every verdict that needs it is unknown
  bool no_labels = false;            // taken for granted; else every write is unknown that a label could forbid
};

// Reads what `icacls NAME /save FILE [/t]` writes (Microsoft Learn, "icacls"): UTF-16LE, with or without a byte order
// mark, lines by turns a path relative to the directory that holds NAME and the DACL of what lies there as SDDL; an
// empty path is taken for that directory itself. Owner, SACL and mandatory labels are not in it, nor what is a
// directory: that is taken from what lies below, and from entries that are inherited. What icacls could not read is not
// there at all, and nothing tells that the file was cut short. In pieces of any size; errors as those of
// SnapshotReader.
class IcaclsReader {
 public:
  IcaclsReader(std::string source, IcaclsContext context);
  IcaclsReader(const IcaclsReader&) = delete;
  IcaclsReader& operator=(const IcaclsReader&) = delete;

  absl::Status Add(absl::string_view bytes);
  // After the last piece.
  absl::StatusOr<Snapshot> Finish() &&;

 private:
  absl::Status Error(absl::string_view what) const;
  absl::Status Unit(char16_t unit);
  absl::Status Line();
  absl::Status Path(const std::string& text);
  absl::Status Dacl(const std::string& text);

  const IcaclsContext context_;
  Snapshot snapshot_;
  DescriptorTable table_{&snapshot_};
  std::u16string units_;          // of the line at hand
  std::string path_;              // the first line of a pair; empty between pairs
  bool no_name_ = false;          // that line was empty, which stands for the root unless nothing follows
  std::optional<char> low_byte_;  // of a unit whose other half has not come yet
  uint32_t line_ = 1;
  bool began_ = false;
};

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_ICACLS_READER_H_
