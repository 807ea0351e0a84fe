#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_ASSESS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_ASSESS_H_

#include "absl/strings/string_view.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/backend/backend.h"

namespace paddock {

// The tiers, strongest first: the names of LinuxTier.
inline constexpr absl::string_view kNamespacesTier = "namespaces";
inline constexpr absl::string_view kBubblewrapTier = "bubblewrap";
inline constexpr absl::string_view kLandlockTier = "landlock";

// The columns of linux_landlock in the matrix of docs/rubric.md, for one request on one host. Pure. `tier` is one of
// the above. Whether user namespaces may be made is not asked of the levels: where they may not, the tier does not
// start.
Assessment AssessLinuxLandlock(absl::string_view tier, const Request& request, const Facts& facts);

// Whether a cgroup made for a run on this host has `controller`.
bool CgroupHas(absl::string_view controller, const LinuxFacts& host);

// The cgroup that a run gets: for the limits that `request` sets and this host's controllers hold, and in tier landlock
// to end the tree by.
CgroupPlan CgroupOf(absl::string_view tier, const Request& request, const LinuxFacts& host);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_ASSESS_H_
