#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "core/lease/lease.h"
#include "core/lease/lease_absent.h"
#include "core/lease/lease_claims.h"
#include "core/lease/lease_collect.h"
#include "core/lease/lease_stamp.h"
#include "core/lease/lease_store.h"

namespace paddock {
namespace {

using LockKind = LeaseState::LockKind;

constexpr char kOfDeadRun[] = "it appeared while a run lasted that has died";

// What leases share, and what is only there for a run.
absl::StatusOr<bool> DropShared(const LeaseHost& host, const std::string& name, LeaseRecord* record,
                                absl::string_view why, LeaseReport* report) {
  ASSIGN_OR_RETURN(const auto claims, host.state.Acquire(kClaimsLock, LockKind::kExclusive));
  record->phase = LeasePhase::kRemoving;
  RETURN_IF_ERROR(WriteLeaseRecord(host, name, *record));
  const absl::Status quarantined = QuarantineWatched(host, name, why, record, report);
  if (!quarantined.ok() && !absl::IsNotFound(quarantined)) return quarantined;
  ASSIGN_OR_RETURN(const bool absent_done, DropAbsentNames(host, name, record, report));
  ASSIGN_OR_RETURN(const bool denies_done, DropUserDenies(host, name, record, report));
  RETURN_IF_ERROR(WriteLeaseRecord(host, name, *record));
  return absent_done && denies_done;
}

}  // namespace

absl::StatusOr<CollectOutcome> CollectLease(const LeaseHost& host, const std::string& name, int threads,
                                            absl::string_view why, LeaseReport* report) {
  ASSIGN_OR_RETURN(const auto live, host.state.TryAcquire(LiveLockName(name), LockKind::kExclusive));
  if (live == nullptr) return CollectOutcome::kLive;
  ASSIGN_OR_RETURN(std::optional<LeaseRecord> record, ReadLeaseRecord(host, name, report));
  if (!record) return CollectOutcome::kNothing;
  absl::StatusOr<std::unique_ptr<AclFile>> root = host.volumes.OpenByKey(record->root.key, record->root.path);
  if (absl::IsUnavailable(root.status())) {
    AddNote("lease_volume_absent", record->root.path, root.status().message(), report);
    return CollectOutcome::kKept;
  }
  if (!root.ok() && !absl::IsNotFound(root.status())) return root.status();
  ASSIGN_OR_RETURN(bool complete, DropShared(host, name, &*record, why, report));
  if (root.ok()) {
    WalkLog log(report);
    ASSIGN_OR_RETURN(const bool unstamped, UnstampTree(*std::move(root), record->root.path, record->capability,
                                                       record->group, threads, &log));
    complete = complete && unstamped;
  } else {
    AddNote("lease_root_gone", record->root.path, "what was moved out of it before may keep entries", report);
  }
  if (!complete) return CollectOutcome::kKept;
  RETURN_IF_ERROR(host.state.Remove(name));
  // The package was one run's, and there is no other lease of that name.
  if (!record->package.empty()) {
    host.state.ForgetLock(LiveLockName(name));
    host.state.ForgetLock(StampLockName(name));
  }
  return CollectOutcome::kRemoved;
}

absl::StatusOr<CollectReport> CollectLeases(const LeaseHost& host, int threads) {
  CollectReport result;
  ASSIGN_OR_RETURN(const std::vector<std::string> names, host.state.List());
  for (const std::string& name : names) {
    if (!IsLeaseRecordName(name)) continue;
    absl::StatusOr<CollectOutcome> outcome = CollectLease(host, name, threads, kOfDeadRun, &result.report);
    if (!outcome.ok()) {
      AddNote("lease_kept", name, outcome.status().message(), &result.report);
      outcome = CollectOutcome::kKept;
    }
    if (*outcome == CollectOutcome::kLive) ++result.live;
    if (*outcome == CollectOutcome::kRemoved) ++result.removed;
    if (*outcome == CollectOutcome::kKept) ++result.kept;
  }
  return result;
}

}  // namespace paddock
