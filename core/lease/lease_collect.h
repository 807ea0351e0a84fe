#ifndef PADDOCK_CORE_LEASE_LEASE_COLLECT_H_
#define PADDOCK_CORE_LEASE_LEASE_COLLECT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/lease/lease.h"

namespace paddock {

enum class CollectOutcome : uint8_t { kNothing, kLive, kRemoved, kKept };

// Removes the stamp of the lease whose record has that name, if no run holds it, and then the record. `why` is told of
// what stands under watched names, and goes into quarantine.
absl::StatusOr<CollectOutcome> CollectLease(const LeaseHost& host, const std::string& name, int threads,
                                            absl::string_view why, LeaseReport* report);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_COLLECT_H_
