#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_HELD_LEASES_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_HELD_LEASES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/lease/lease.h"
#include "core/windows_launch/host_change.h"
#include "core/windows_launch/run_folders.h"

namespace paddock {

// How many threads walk a tree.
int LeaseThreads();

// The volumes and the records of this host, for as long as anything is leased from them.
struct LeasedHost {
  std::unique_ptr<AclVolumes> volumes;
  std::unique_ptr<LeaseState> state;
  LeaseHost host() const;
};

// The records lie in "leases" below `state_dir`.
absl::StatusOr<LeasedHost> OpenLeasedHost(const std::string& state_dir);

// Removes what leases of runs that have died left on files, and in the records.
absl::StatusOr<CollectReport> CollectHeldLeases(const std::string& state_dir);

// The leases of one run.
class HeldLeases : public HostChange {
 public:
  // The SID of each of the plan's roots, in order; not those of groups.
  virtual const std::vector<access::Sid>& capabilities() const = 0;
};

class LeasedGrants : public HeldLeases {
 public:
  explicit LeasedGrants(LeasedHost host) : host_(std::move(host)) {}
  LeasedGrants(const LeasedGrants&) = delete;
  LeasedGrants& operator=(const LeasedGrants&) = delete;
  ~LeasedGrants() override;

  // Takes one, and checks the entries on the root itself that it makes without a condition.
  absl::Status Take(const WritableRoot& root, const LeaseOptions& options, const EntryCheck& check);

  const std::vector<access::Sid>& capabilities() const override { return capabilities_; }
  void Undo(RunResult* result) override;

 private:
  absl::Status CheckRoot(const WritableRoot& root, const access::Sid& sid, const EntryCheck& check);

  LeasedHost host_;
  std::vector<std::unique_ptr<AclLease>> leases_;
  std::vector<access::Sid> capabilities_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_HELD_LEASES_H_
