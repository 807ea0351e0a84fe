#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LEASE_GRANTS_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LEASE_GRANTS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backends/windows_token/launch_leases.h"
#include "core/lease/lease.h"

namespace paddock {

// Leases (lease.h) on the volumes of this host, recorded below the plan's state directory. A lease that was taken
// before a later one failed is released, and its stamp stays recorded for the next run.
std::unique_ptr<GrantLeases> MakeLeaseGrants();

// Removes the stamps of leases that no run holds, by the records below `state_dir`.
absl::StatusOr<CollectReport> CollectGrants(const std::string& state_dir);

// Removes entries of SIDs of ours on `path`, absolute, and below it, but for those of leases recorded below
// `state_dir`.
absl::StatusOr<ScanReport> ScanGrants(const std::string& state_dir, const std::string& path);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LEASE_GRANTS_H_
