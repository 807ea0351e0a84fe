#include "core/windows_launch/held_leases.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_store.h"
#include "core/platform/windows/random.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/symbols.h"

namespace paddock {
namespace {

// Walks wait for the disk more than for a core; beyond a few threads a volume gains nothing.
constexpr unsigned kMaxThreads = 8;

std::string LeasesIn(const std::string& state_dir) { return absl::StrCat(state_dir, "\\leases"); }

void TellNotes(const LeaseReport& report, RunResult* result) {
  for (std::string& line : NoteLines(report)) result->notices.push_back(std::move(line));
}

// Who made what appeared cannot be known for certain: every process of this user may have.
void TellViolations(const LeaseReport& report, RunResult* result) {
  for (const LeaseNote& note : report.notes) {
    if (note.code != "lease_quarantined") continue;
    result->violations.push_back({false, absl::StrCat("protected name created: ", note.path), "", note.path});
  }
}

}  // namespace

int LeaseThreads() { return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, kMaxThreads)); }

LeaseHost LeasedHost::host() const { return {*volumes, *state, RandomWords}; }

absl::StatusOr<LeasedHost> OpenLeasedHost(const std::string& state_dir) {
  LeasedHost opened;
  opened.volumes = MakeNtfsVolumes();
  ASSIGN_OR_RETURN(opened.state, OpenLeaseState(LeasesIn(state_dir)));
  return opened;
}

absl::StatusOr<CollectReport> CollectHeldLeases(const std::string& state_dir) {
  ASSIGN_OR_RETURN(const LeasedHost host, OpenLeasedHost(state_dir));
  ASSIGN_OR_RETURN(CollectReport report, CollectLeases(host.host(), LeaseThreads()));
  // A record is written by whoever holds it, or collects it.
  RETURN_IF_ERROR(RemoveUnfinished(LeasesIn(state_dir), LiveLockName));
  return report;
}

LeasedGrants::~LeasedGrants() {
  for (const auto& lease : leases_) (void)lease->Release();
}

absl::Status LeasedGrants::Take(const WritableRoot& root, const LeaseOptions& options, const EntryCheck& check) {
  ASSIGN_OR_RETURN(std::unique_ptr<AclLease> lease, AcquireLease(host_.host(), root, options));
  const access::Sid sid = lease->capability();
  if (!options.group.has_value()) capabilities_.push_back(sid);
  leases_.push_back(std::move(lease));
  return CheckRoot(root, sid, check);
}

void LeasedGrants::Undo(RunResult* result) {
  for (const auto& lease : leases_) {
    TellNotes(lease->report(), result);
    const auto released = lease->Release();
    if (released.ok()) {
      TellViolations(*released, result);
      TellNotes(*released, result);
    } else {
      result->notices.push_back(
          absl::StrCat("what the run left could not be looked for: ", released.status().message()));
    }
  }
  leases_.clear();
}

absl::Status LeasedGrants::CheckRoot(const WritableRoot& root, const access::Sid& sid, const EntryCheck& check) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AclFile> file, host_.volumes->Open(root.path));
  Symbols symbols;
  symbols.Set(root.capability, sid.ToString());
  for (const AceChange& change : root.changes) {
    if (change.path != root.path || change.if_children_grant_delete) continue;
    ASSIGN_OR_RETURN(const access::Ace entry, symbols.FillAce(change.ace));
    RETURN_IF_ERROR(check(*file, entry));
  }
  return absl::OkStatus();
}

}  // namespace paddock
