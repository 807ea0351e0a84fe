#include "backends/windows_token/launch_lease_grants.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_symbols.h"
#include "backends/windows_token/launch_token.h"
#include "backends/windows_token/launch_volume.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_progress.h"
#include "core/platform/windows/random.h"

namespace paddock {
namespace {

// Walks wait for the disk more than for a core; beyond a few threads a volume gains nothing.
constexpr unsigned kMaxThreads = 8;

int Threads() { return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, kMaxThreads)); }

// The volumes and the records of this host, for as long as anything is leased from them.
struct LeasedHost {
  std::unique_ptr<AclVolumes> volumes;
  std::unique_ptr<LeaseState> state;
  LeaseHost host() const { return {*volumes, *state, RandomWords}; }
};

absl::StatusOr<LeasedHost> OpenHost(const std::string& state_dir) {
  LeasedHost opened;
  opened.volumes = MakeNtfsVolumes();
  ASSIGN_OR_RETURN(opened.state, OpenLeaseState(absl::StrCat(state_dir, "\\leases")));
  return opened;
}

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

class LeasedGrants : public HeldLeases {
 public:
  explicit LeasedGrants(LeasedHost host) : host_(std::move(host)) {}
  LeasedGrants(const LeasedGrants&) = delete;
  LeasedGrants& operator=(const LeasedGrants&) = delete;
  ~LeasedGrants() override {
    for (const auto& lease : leases_) (void)lease->Release();
  }

  absl::Status Take(const WritableRoot& root, const LeaseOptions& options, Enforcement& enforcement) {
    ASSIGN_OR_RETURN(std::unique_ptr<AclLease> lease, AcquireLease(host_.host(), root, options));
    capabilities_.push_back(lease->capability());
    leases_.push_back(std::move(lease));
    return CheckRoot(root, enforcement);
  }

  const std::vector<access::Sid>& capabilities() const override { return capabilities_; }

  void Release(RunResult* result) override {
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

 private:
  // The entries on the root itself that the lease makes without a condition.
  absl::Status CheckRoot(const WritableRoot& root, Enforcement& enforcement) {
    ASSIGN_OR_RETURN(const std::unique_ptr<AclFile> file, host_.volumes->Open(root.path));
    Symbols symbols;
    symbols.Set(root.capability, capabilities_.back().ToString());
    for (const AceChange& change : root.changes) {
      if (change.path != root.path || change.if_children_grant_delete) continue;
      ASSIGN_OR_RETURN(const access::Ace entry, symbols.FillAce(change.ace));
      RETURN_IF_ERROR(enforcement.CheckEntry(*file, entry));
    }
    return absl::OkStatus();
  }

  LeasedHost host_;
  std::vector<std::unique_ptr<AclLease>> leases_;
  std::vector<access::Sid> capabilities_;
};

class LeaseGrants : public GrantLeases {
 public:
  absl::StatusOr<std::unique_ptr<HeldLeases>> Take(const WindowsTokenPlan& plan, const Symbols&,
                                                   Enforcement& enforcement, EventSink& sink,
                                                   const std::function<bool()>& cancelled) override {
    LeaseOptions options;
    options.cancelled = cancelled;
    ASSIGN_OR_RETURN(options.user, ReadUserToken());
    options.threads = Threads();
    ASSIGN_OR_RETURN(LeasedHost host, OpenHost(plan.state_dir));
    auto held = std::make_unique<LeasedGrants>(std::move(host));
    for (const WritableRoot& root : plan.roots) {
      options.progress =
          StampProgress(root.path, [&sink](std::string text) { sink.OnEvent(ProgressEvent{std::move(text)}); });
      RETURN_IF_ERROR(held->Take(root, options, enforcement));
    }
    return held;
  }
};

}  // namespace

std::unique_ptr<GrantLeases> MakeLeaseGrants() { return std::make_unique<LeaseGrants>(); }

absl::StatusOr<CollectReport> CollectGrants(const std::string& state_dir) {
  ASSIGN_OR_RETURN(const LeasedHost host, OpenHost(state_dir));
  return CollectLeases(host.host(), Threads());
}

absl::StatusOr<ScanReport> ScanGrants(const std::string& state_dir, const std::string& path) {
  ASSIGN_OR_RETURN(const LeasedHost host, OpenHost(state_dir));
  return ScanLeases(host.host(), path, Threads());
}

}  // namespace paddock
