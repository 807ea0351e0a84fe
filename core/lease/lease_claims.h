#ifndef PADDOCK_CORE_LEASE_LEASE_CLAIMS_H_
#define PADDOCK_CORE_LEASE_LEASE_CLAIMS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/lease/lease_stamp.h"

// Entries of the user's SID, "(D;;0x40;;;{user})" on the parents of protected names. They carry nothing of ours, so
// each lease that needs one claims it in its record, and it goes with the last claim. One that stood before any claim
// is the user's own.

namespace paddock {

// Puts those of `task.entries` that are the user's, and claims them in `record`, which is written before. Left out,
// with a note, where a child does not grant the user DELETE: the user could not delete it any more.
absl::Status PlaceUserDenies(const LeaseHost& host, absl::string_view name, const StampTask& task,
                             const access::Token& user, LeaseRecord* record, LeaseReport* report);

// Drops the claims of `record`, and removes the entries that no other lease claims. The claims lock is held. Returns
// whether none is left; those that are stay in the record, which the caller writes.
absl::StatusOr<bool> DropUserDenies(const LeaseHost& host, absl::string_view name, LeaseRecord* record,
                                    LeaseReport* report);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_CLAIMS_H_
