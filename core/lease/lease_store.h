#ifndef PADDOCK_CORE_LEASE_LEASE_STORE_H_
#define PADDOCK_CORE_LEASE_LEASE_STORE_H_

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/lease/lease.h"
#include "core/lease/lease_record.h"

namespace paddock {

// Locks, in the order in which they are taken. The first is held shared while a run lasts, the second while a lease is
// stamped, the third, one for all, while what leases share is decided on.
std::string LiveLockName(absl::string_view record);
std::string StampLockName(absl::string_view record);
inline constexpr absl::string_view kClaimsLock = "leases.lock";

// Nullopt if there is no record of the name. A broken one counts as none, and is renamed to "broken-..." and noted; not
// with a null `report`, for callers without the stamp lock or the live lock exclusively: the record may be new by then.
absl::StatusOr<std::optional<LeaseRecord>> ReadLeaseRecord(const LeaseHost& host, absl::string_view name,
                                                           LeaseReport* report);
absl::Status WriteLeaseRecord(const LeaseHost& host, absl::string_view name, const LeaseRecord& record);

// Every record but `name` that can be read; broken ones are left alone.
absl::StatusOr<std::vector<LeaseRecord>> OtherRecords(const LeaseHost& host, absl::string_view name);

// 32 hexadecimal digits that nobody guesses.
std::string RandomName(const LeaseHost& host);

void AddNote(absl::string_view code, absl::string_view path, absl::string_view detail, LeaseReport* report);

// Counts and notes of a walk, from its threads.
class WalkLog {
 public:
  explicit WalkLog(LeaseReport* report, std::function<void(uint64_t)> progress = nullptr)
      : report_(report), progress_(std::move(progress)) {}

  void Count(uint64_t LeaseCounts::*counter);
  // Counts and notes what `status` says of `path`; returns whether another try may do better.
  bool Failed(const std::string& path, const absl::Status& status);
  void Note(absl::string_view code, absl::string_view path, absl::string_view detail);

 private:
  std::mutex mutex_;
  LeaseReport* report_;
  std::function<void(uint64_t)> progress_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_STORE_H_
