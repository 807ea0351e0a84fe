#ifndef PADDOCK_CORE_LEASE_LEASE_ABSENT_H_
#define PADDOCK_CORE_LEASE_LEASE_ABSENT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/lease/lease_stamp.h"

// Protected names that do not exist: hidden directories in their place while runs last, or a look afterwards. The
// caller holds the stamp lock, or the live lock exclusively, and the claims lock.

namespace paddock {

// What is only there while a run lasts, of `absent`, is put into `record`, which is written before each step.
absl::Status PlaceAbsentNames(const LeaseHost& host, absl::string_view name, const StampTask& task,
                              const std::vector<AbsentName>& absent, LeaseRecord* record, LeaseReport* report);

// Moves what appeared under watched names into a new hidden directory of the root. `whose`: what is known of who made
// it, for the note.
absl::Status QuarantineWatched(const LeaseHost& host, absl::string_view name, absl::string_view whose,
                               LeaseRecord* record, LeaseReport* report);

// After the last run: placeholders that no other lease claims go if they are empty, watched names and empty quarantine
// directories are forgotten. Returns whether nothing is left to do; the caller writes the record.
absl::StatusOr<bool> DropAbsentNames(const LeaseHost& host, absl::string_view name, LeaseRecord* record,
                                     LeaseReport* report);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_ABSENT_H_
