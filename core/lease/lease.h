#ifndef PADDOCK_CORE_LEASE_LEASE_H_
#define PADDOCK_CORE_LEASE_LEASE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/sid.h"
#include "core/access/token.h"
#include "core/lease/acl_volume.h"
#include "core/lease/lease_plan.h"

// Leases: a capability SID for each writable root and set of changes, and its entries on the files below. See
// docs/backends/windows_token_leases.md. Everything here may be called by several processes and threads at once.

namespace paddock {

struct LeaseHost {
  AclVolumes& volumes;
  LeaseState& state;
  std::function<std::array<uint32_t, 4>()> random;  // from the system's source; called from one thread at a time
};

// Something that a person may want to know of. `code` is a reason code.
struct LeaseNote {
  std::string code;
  std::string path;
  std::string detail;
};

struct LeaseCounts {
  uint64_t entries = 0;         // files and directories looked at
  uint64_t written = 0;         // whose list was written
  uint64_t links = 0;           // files with several names, not stamped
  uint64_t reparse_points = 0;  // neither stamped nor entered
  uint64_t without_list = 0;    // no DACL: everybody may do everything, and no entry can say otherwise
  uint64_t unreadable = 0;      // this user may not open, list, read or change them
  uint64_t vanished = 0;        // gone since they were listed
  uint64_t failed = 0;          // any other error: tried again the next time
};

struct LeaseReport {
  LeaseCounts counts;
  std::vector<LeaseNote> notes;  // the first hundred
  uint64_t more_notes = 0;
};

// The notes, a line each, and how many there are more.
std::vector<std::string> NoteLines(const LeaseReport& report);

struct LeaseOptions {
  access::Token user;  // whose token is restricted; its SID is {user}
  int threads = 1;
  std::function<void(uint64_t entries)> progress;  // entries done so far; from any thread, one at a time
  // The name of an AppContainer (access::PackageSid): the lease is for the SID of that package, which is one run's, and
  // Release() takes its entries away. Empty: for a SID that the lease keeps, whatever run holds it.
  std::string package;
  // The lease is for the dedicated users' group of this SID (lease_group.h), and the root one of GroupRootOf().
  std::optional<access::Sid> group;
  // Asked at each file of a walk that stamps, from any thread; null: never. What is stamped by then stays.
  std::function<bool()> cancelled;
};

// A lease that a run holds. Destroyed without Release() it is as if the process had died: what is only there while a
// run lasts stays until the next Release() of the same lease, or CollectLeases().
class AclLease {
 public:
  virtual ~AclLease() = default;
  virtual const access::Sid& capability() const = 0;

  // True if nothing had to be stamped.
  virtual bool was_stamped() const = 0;
  virtual const LeaseReport& report() const = 0;

  // To be called once, when no process of the run is left. Puts what appeared under absent names into quarantine,
  // whoever made it, and, as the last run of this lease, takes its placeholders away. The stamp stays, but for that of
  // a package. What could not be done is CollectLeases' to do.
  virtual absl::StatusOr<LeaseReport> Release() = 0;
};

// Waits for whoever stamps or removes the same lease. Errors mean that the run must not start; whatever was written is
// in the state for CollectLeases(), or for the next call to go on with, and for a package is taken away at once.
//   FailedPrecondition lease_root_unusable  the root is a reparse point, a file with several names, not what it was
//   when
//                                           the plan was made, or has no list of entries
//   Unavailable        lease_group_entry    a run of another policy holds the entries of the dedicated users' group
//   PermissionDenied   lease_deny_failed    the entry of a protected name could not be written
//   Cancelled                               LeaseOptions::cancelled said so
//   InvalidArgument                         the plan asks for entries that no lease makes
// Notes: lease_deny_left_out, lease_name_unreached, lease_name_absent: a rule is approximated; lease_entry_skipped: an
// entry without our grant, which the run cannot write; lease_record_broken.
absl::StatusOr<std::unique_ptr<AclLease>> AcquireLease(const LeaseHost& host, const WritableRoot& root,
                                                       const LeaseOptions& options);

struct CollectReport {
  uint64_t removed = 0;  // leases
  uint64_t live = 0;     // held by a run
  uint64_t kept = 0;     // volume absent, or something could not be removed
  LeaseReport report;
};

// Removes the stamps of leases that no run holds: the entries of their SIDs alone. Goes on after what fails.
absl::StatusOr<CollectReport> CollectLeases(const LeaseHost& host, int threads);

struct ScanReport {
  uint64_t found = 0;     // files with entries of SIDs of ours
  uint64_t removed = 0;   // files that have none of them any more
  uint64_t recorded = 0;  // files with entries of leases that the state knows: those are CollectLeases' to remove
  std::vector<access::Sid> orphans;
  LeaseReport report;
};

// Looks on and below `path` for entries of SIDs of ours, and removes those that no record of a lease explains. Records
// of other users are not in this state: an administrator who scans their files takes their leases for lost, and their
// runs can write no more until they stamp again. FailedPrecondition if `path` is a reparse point: what is behind it
// would not be looked at.
absl::StatusOr<ScanReport> ScanLeases(const LeaseHost& host, absl::string_view path, int threads);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_H_
