#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/lease/lease.h"
#include "core/lease/lease_absent.h"
#include "core/lease/lease_claims.h"
#include "core/lease/lease_collect.h"
#include "core/lease/lease_group.h"
#include "core/lease/lease_stamp.h"
#include "core/lease/lease_store.h"
#include "core/lease/lease_walk.h"

namespace paddock {
namespace {

using LockKind = LeaseState::LockKind;
using LockPtr = std::unique_ptr<LeaseState::Lock>;

struct Held {
  std::string name;
  LockPtr live;
  access::Sid capability;
  bool was_stamped = false;
  bool of_package = false;
  int threads = 1;
  LeaseReport report;
  std::vector<std::string> quarantines;  // that were there before the run
};

// What a run leaves under a watched name goes at its end, though another run of the lease may last: it goes on for as
// long as it likes, and the name is one at which no run may have anything. Nobody can tell whose it is.
constexpr char kOfThisRun[] = "it appeared while this run lasted";
constexpr char kOfSomeRun[] =
    "it appeared while this run lasted, or is of another run of the same lease, which goes on without it";
constexpr char kOfEarlierRun[] =
    "it is of a run that died, or of another run of the same lease, which goes on without it";

class HeldLease : public AclLease {
 public:
  HeldLease(const LeaseHost& host, Held held) : host_(host), held_(std::move(held)) {}
  const access::Sid& capability() const override { return held_.capability; }
  bool was_stamped() const override { return held_.was_stamped; }
  const LeaseReport& report() const override { return held_.report; }

  absl::StatusOr<LeaseReport> Release() override {
    LeaseReport report;
    if (held_.live == nullptr) return absl::FailedPreconditionError("the lease was released before");
    if (held_.of_package) return Undo();
    ASSIGN_OR_RETURN(const LockPtr stamp, host_.state.Acquire(StampLockName(held_.name), LockKind::kExclusive));
    held_.live = nullptr;
    // Held by somebody: another run of this lease, which will be the last, or a collector, which does the same.
    ASSIGN_OR_RETURN(const LockPtr alone, host_.state.TryAcquire(LiveLockName(held_.name), LockKind::kExclusive));
    ASSIGN_OR_RETURN(std::optional<LeaseRecord> record, ReadLeaseRecord(host_, held_.name, &report));
    if (!record) return report;
    TellOfOtherRuns(*record, &report);
    const LeaseRecord before = *record;
    if (record->watched.empty() && (alone == nullptr || record->placeholders.empty())) return report;
    ASSIGN_OR_RETURN(const LockPtr claims, host_.state.Acquire(kClaimsLock, LockKind::kExclusive));
    RETURN_IF_ERROR(
        QuarantineWatched(host_, held_.name, alone != nullptr ? kOfThisRun : kOfSomeRun, &*record, &report));
    if (alone == nullptr) return report;
    RETURN_IF_ERROR(DropAbsentNames(host_, held_.name, &*record, &report).status());
    if (!(*record == before)) RETURN_IF_ERROR(WriteLeaseRecord(host_, held_.name, *record));
    return report;
  }

 private:
  // Nobody else has the SID of this run's package.
  absl::StatusOr<LeaseReport> Undo() {
    LeaseReport report;
    held_.live = nullptr;
    ASSIGN_OR_RETURN(const CollectOutcome outcome, CollectLease(host_, held_.name, held_.threads, kOfThisRun, &report));
    if (outcome == CollectOutcome::kRemoved) return report;
    return absl::AbortedError("entries of the run's package are left; `paddock gc` tries again");
  }

  // Only runs of this lease that began or ended meanwhile have made further ones.
  void TellOfOtherRuns(const LeaseRecord& record, LeaseReport* report) const {
    for (const std::string& name : record.quarantines) {
      if (std::find(held_.quarantines.begin(), held_.quarantines.end(), name) != held_.quarantines.end()) continue;
      AddNote("lease_quarantined_meanwhile", JoinName(record.root.path, name),
              "another run of the same lease began or ended while this one lasted, and moved there what stood under a "
              "protected name",
              report);
    }
  }

  const LeaseHost host_;
  Held held_;
};

class Acquisition {
 public:
  Acquisition(const LeaseHost& host, const WritableRoot& plan, const LeaseOptions& options)
      : host_(host), plan_(plan), options_(options), log_(&held_.report, options.progress) {}

  absl::StatusOr<Held> Run() {
    ASSIGN_OR_RETURN(task_.root, OpenRoot());
    task_.path = plan_.path;
    task_.threads = options_.threads;
    task_.cancelled = options_.cancelled;
    ASSIGN_OR_RETURN(changes_, ChangesText(plan_));
    if (!options_.package.empty()) absl::StrAppend(&changes_, "package ", options_.package, "\n");
    if (options_.group.has_value()) absl::StrAppend(&changes_, "group ", options_.group->ToString(), "\n");
    task_.group = options_.group.has_value();
    held_.of_package = !options_.package.empty();
    held_.threads = options_.threads;
    held_.name = LeaseRecordName(task_.root->info().key, changes_);
    ASSIGN_OR_RETURN(held_.live, host_.state.Acquire(LiveLockName(held_.name), LockKind::kShared));
    LockPtr group;
    if (options_.group.has_value()) {
      ASSIGN_OR_RETURN(group, host_.state.Acquire(kGroupLock, LockKind::kExclusive));
      const FilePlace place = {task_.root->info().key, plan_.path};
      RETURN_IF_ERROR(MakeRoomForGroup(host_, held_.name, place, options_.threads, &held_.report));
    }
    ASSIGN_OR_RETURN(held_.was_stamped, UseStamp());
    if (!held_.was_stamped) RETURN_IF_ERROR(Stamp());
    held_.quarantines = record_->quarantines;
    return std::move(held_);
  }

  // After Run() has failed, for a package. What cannot be done is CollectLeases' to do.
  void Undo() {
    if (held_.live == nullptr) return;
    held_.live = nullptr;
    (void)CollectLease(host_, held_.name, options_.threads, kOfThisRun, &held_.report);
  }

 private:
  absl::Status Unusable(absl::string_view what) const {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "lease_root_unusable",
                       absl::StrCat(plan_.path, " ", what));
  }

  absl::StatusOr<std::shared_ptr<AclFile>> OpenRoot() const {
    absl::StatusOr<std::unique_ptr<AclFile>> root = host_.volumes.Open(plan_.path);
    if (!root.ok()) return Unusable(absl::StrCat("cannot be opened: ", root.status().message()));
    const FileInfo& info = (*root)->info();
    if (info.reparse_point) return Unusable("is a link or a junction: name what it leads to");
    if (info.directory != IsDirectoryOf(plan_)) {
      return Unusable(info.directory ? "is a directory, and was planned as a file" : "is no directory");
    }
    if (!info.directory && info.links > 1) return Unusable("has further names, which would be writable with it");
    return std::shared_ptr<AclFile>(*std::move(root));
  }

  // What the plan takes the root for.
  static bool IsDirectoryOf(const WritableRoot& plan) {
    for (const AceChange& change : plan.changes) {
      if (change.path == plan.path) return change.directory;
    }
    return true;
  }

  // The short way: whether the lease is stamped, and needs no more than a look at what the plan names.
  absl::StatusOr<bool> UseStamp() {
    ASSIGN_OR_RETURN(record_, Record(nullptr));
    if (!record_ || record_->phase != LeasePhase::kStamped) return false;
    RETURN_IF_ERROR(Take(*record_));
    ASSIGN_OR_RETURN(const bool stands, RootHoldsEntries(task_));
    if (!stands) return false;
    if (record_->root.path == plan_.path && plan_.absent.empty() && !HasUserDenies()) {
      std::vector<const LeaseEntry*> absent;
      RETURN_IF_ERROR(StampNames(task_, &log_, &absent));
      if (absent.empty()) return true;
    }
    ASSIGN_OR_RETURN(const LockPtr stamp, host_.state.Acquire(StampLockName(held_.name), LockKind::kExclusive));
    ASSIGN_OR_RETURN(record_, Record(&held_.report));
    if (!record_ || record_->phase != LeasePhase::kStamped || record_->capability != held_.capability) return false;
    RETURN_IF_ERROR(RefreshHint());
    RETURN_IF_ERROR(PlaceNames());
    return true;
  }

  absl::Status Stamp() {
    ASSIGN_OR_RETURN(const LockPtr stamp, host_.state.Acquire(StampLockName(held_.name), LockKind::kExclusive));
    ASSIGN_OR_RETURN(record_, Record(&held_.report));
    if (!record_) {
      record_ = LeaseRecord();
      record_->root.key = task_.root->info().key;
      record_->changes = changes_;
      record_->package = options_.package;
      record_->group = options_.group.has_value();
      ASSIGN_OR_RETURN(record_->capability, CapabilityOf());
    }
    RETURN_IF_ERROR(Take(*record_));
    record_->root.path = plan_.path;
    ASSIGN_OR_RETURN(const bool stands, RootHoldsEntries(task_));
    if (record_->phase == LeasePhase::kStamped && stands) {  // by whom we waited for
      held_.was_stamped = true;
      return PlaceNames();
    }
    record_->phase = LeasePhase::kStamping;
    RETURN_IF_ERROR(WriteLeaseRecord(host_, held_.name, *record_));
    ASSIGN_OR_RETURN(const bool complete, StampTree(task_, &log_));
    RETURN_IF_ERROR(PlaceNames());
    if (!complete) return absl::OkStatus();  // the next run tries what failed again
    record_->phase = LeasePhase::kStamped;
    return WriteLeaseRecord(host_, held_.name, *record_);
  }

  // What is looked at for each run: protected names, the user's entries above them, absent names.
  absl::Status PlaceNames() {
    std::vector<const LeaseEntry*> gone;
    RETURN_IF_ERROR(StampNames(task_, &log_, &gone));
    std::vector<AbsentName> absent = plan_.absent;
    for (const LeaseEntry* entry : gone) {
      log_.Note("lease_name_absent", entry->path, "it is gone since the run was planned");
      absent.push_back({entry->path, entry->directory, "", ""});
    }
    if (!absent.empty()) {
      ASSIGN_OR_RETURN(const LockPtr claims, host_.state.Acquire(kClaimsLock, LockKind::kExclusive));
      // What a run that died left under these names is not taken for the user's.
      RETURN_IF_ERROR(QuarantineWatched(host_, held_.name, kOfEarlierRun, &*record_, &held_.report));
      RETURN_IF_ERROR(PlaceAbsentNames(host_, held_.name, task_, absent, &*record_, &held_.report));
    }
    return PlaceUserDenies(host_, held_.name, task_, options_.user, &*record_, &held_.report);
  }

  absl::StatusOr<std::optional<LeaseRecord>> Record(LeaseReport* report) {
    ASSIGN_OR_RETURN(std::optional<LeaseRecord> record, ReadLeaseRecord(host_, held_.name, report));
    if (record && record->changes != changes_) return absl::InternalError("two sets of changes with one digest");
    return record;
  }

  absl::Status Take(const LeaseRecord& record) {
    held_.capability = task_.capability = record.capability;
    ASSIGN_OR_RETURN(task_.entries, ResolveChanges(plan_, record.capability, options_.user.user));
    return absl::OkStatus();
  }

  absl::Status RefreshHint() {
    if (record_->root.path == plan_.path) return absl::OkStatus();
    record_->root.path = plan_.path;
    return WriteLeaseRecord(host_, held_.name, *record_);
  }

  bool HasUserDenies() const {
    for (const LeaseEntry& entry : task_.entries) {
      if (entry.users) return true;
    }
    return false;
  }

  absl::StatusOr<access::Sid> CapabilityOf() const {
    if (!options_.package.empty()) return LeasePackageSid(options_.package);
    if (options_.group.has_value()) return *options_.group;
    const std::array<uint32_t, 4> words = host_.random();
    return access::Sid(5, {21, kLeaseAuthority, words[0], words[1], words[2]});
  }

  const LeaseHost& host_;
  const WritableRoot& plan_;
  const LeaseOptions& options_;
  Held held_;
  WalkLog log_;
  StampTask task_;
  std::string changes_;
  std::optional<LeaseRecord> record_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AclLease>> AcquireLease(const LeaseHost& host, const WritableRoot& root,
                                                       const LeaseOptions& options) {
  Acquisition acquisition(host, root, options);
  absl::StatusOr<Held> held = acquisition.Run();
  if (held.ok()) return std::unique_ptr<AclLease>(new HeldLease(host, *std::move(held)));
  if (!options.package.empty()) acquisition.Undo();
  return held.status();
}

}  // namespace paddock
