#ifndef PADDOCK_CORE_LEASE_LEASE_RECORD_H_
#define PADDOCK_CORE_LEASE_LEASE_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/sid.h"
#include "core/lease/acl_volume.h"

// What the state directory knows of one lease: its journal. Written before what it tells of is done.

namespace paddock {

// A file by its key, and where it was last seen.
struct FilePlace {
  FileKey key;
  std::string path;
  friend bool operator==(const FilePlace&, const FilePlace&) = default;
};

// An entry of the user's SID, which nothing but the journal tells from the user's own.
struct UserDeny {
  FilePlace place;
  std::string ace;  // SDDL, "(D;;0x40;;;S-1-...)"
  friend bool operator==(const UserDeny&, const UserDeny&) = default;
};

// A hidden directory in the place of an absent name. Made under `temporary`, a random name that nobody else uses, so
// that it is ours by name until its key is known.
struct LeasedDirectory {
  FilePlace parent;
  std::string name;
  std::string temporary;
  std::optional<FileKey> key;
  friend bool operator==(const LeasedDirectory&, const LeasedDirectory&) = default;
};

// An absent name without a placeholder: what appears there while a run lasts goes into quarantine.
struct WatchedName {
  FilePlace parent;                // the deepest directory that exists
  std::vector<std::string> names;  // from there; at least one
  friend bool operator==(const WatchedName&, const WatchedName&) = default;
};

enum class LeasePhase : uint8_t {
  kStamping,  // some entries may stand
  kStamped,   // all do
  kRemoving,  // some may be gone
};

struct LeaseRecord {
  LeasePhase phase = LeasePhase::kStamping;
  FilePlace root;
  access::Sid capability;
  std::string package;  // the AppContainer that it is the SID of; empty: one of ours
  bool group = false;   // it is the SID of the dedicated users' group
  std::string changes;  // as ChangesText gives them; what the lease is looked up by, besides the root's key
  std::vector<UserDeny> user_denies;
  std::vector<LeasedDirectory> placeholders;
  std::vector<WatchedName> watched;
  std::vector<std::string> quarantines;  // names of directories in the root
  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

// S-1-5-21-1885430891-r-r-r: no machine's and no domain's, and known as ours without any state.
inline constexpr uint32_t kLeaseAuthority = 0x7061646b;  // "padk"
bool IsLeaseSid(const access::Sid& sid);

// AppContainers of ours have names that begin so.
inline constexpr absl::string_view kPackagePrefix = "paddock.";
// The SID of the AppContainer `name`, if that is one of ours.
absl::StatusOr<access::Sid> LeasePackageSid(absl::string_view name);

inline constexpr size_t kMaxRecordBytes = 4u << 20;

std::string FormatLeaseRecord(const LeaseRecord& record);

// InvalidArgument for anything but what FormatLeaseRecord writes: a record that was cut short, changed, or comes from
// somebody else. Names hold no separators, denials deny the deletion of children and no more, a package has a name of
// ours that its SID comes from, and of a group only the entries that leases make are ever removed, so that a forged
// record cannot lead elsewhere.
absl::StatusOr<LeaseRecord> ParseLeaseRecord(absl::string_view text);

// "lease-<volume>-<file id>-<digest of changes>.json".
std::string LeaseRecordName(const FileKey& root, absl::string_view changes);
bool IsLeaseRecordName(absl::string_view name);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_RECORD_H_
