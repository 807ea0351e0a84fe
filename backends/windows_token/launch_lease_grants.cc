#include "backends/windows_token/launch_lease_grants.h"

#include <memory>
#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "core/lease/lease_group.h"
#include "core/lease/lease_progress.h"
#include "core/windows_launch/token.h"

namespace paddock {
namespace {

class LeaseGrants : public GrantLeases {
 public:
  absl::StatusOr<std::unique_ptr<HeldLeases>> Take(const WindowsTokenPlan& plan, const Symbols& symbols,
                                                   Enforcement& enforcement, EventSink& sink,
                                                   const std::function<bool()>& cancelled) override {
    LeaseOptions options;
    options.cancelled = cancelled;
    ASSIGN_OR_RETURN(options.user, ReadUserToken());
    options.threads = LeaseThreads();
    ASSIGN_OR_RETURN(LeasedHost host, OpenLeasedHost(plan.state_dir));
    auto held = std::make_unique<LeasedGrants>(std::move(host));
    const EntryCheck check = [&](AclFile& file, const access::Ace& entry) {
      return enforcement.CheckEntry(file, entry);
    };
    for (const WritableRoot& root : plan.roots) {
      options.progress =
          StampProgress(root.path, [&sink](std::string text) { sink.OnEvent(ProgressEvent{std::move(text)}); });
      const WritableRoot groups = GroupRootOf(root);
      if (!groups.changes.empty()) {
        LeaseOptions of_group = options;
        ASSIGN_OR_RETURN(of_group.group, symbols.FillSid(kGroupSymbol));
        RETURN_IF_ERROR(held->Take(groups, of_group, check));
      }
      RETURN_IF_ERROR(held->Take(OwnRootOf(root), options, check));
    }
    return std::unique_ptr<HeldLeases>(std::move(held));
  }
};

}  // namespace

std::unique_ptr<GrantLeases> MakeLeaseGrants() { return std::make_unique<LeaseGrants>(); }

absl::StatusOr<CollectReport> CollectGrants(const std::string& state_dir) { return CollectHeldLeases(state_dir); }

absl::StatusOr<ScanReport> ScanGrants(const std::string& state_dir, const std::string& path) {
  ASSIGN_OR_RETURN(const LeasedHost host, OpenLeasedHost(state_dir));
  return ScanLeases(host.host(), path, LeaseThreads());
}

}  // namespace paddock
