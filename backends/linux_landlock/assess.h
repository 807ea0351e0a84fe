#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_ASSESS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_ASSESS_H_

#include "absl/strings/string_view.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/backend/backend.h"

namespace paddock {

// The tiers, strongest first.
inline constexpr absl::string_view kNamespacesTier = "namespaces";  // user, mount, pid, ... namespaces of our own
inline constexpr absl::string_view kBubblewrapTier = "bubblewrap";  // the same, made by the profiled bubblewrap
inline constexpr absl::string_view kLandlockTier = "landlock";      // no namespaces: Landlock and seccomp alone

// The columns of linux_landlock in the matrix of docs/rubric.md, for one request on one host. Pure. `tier` is one of
// the above. Whether user namespaces may be made is not asked of the levels: where they may not, the tier does not
// start.
Assessment AssessLinuxLandlock(absl::string_view tier, const Request& request, const Facts& facts);

// Whether a cgroup made for a run on this host has `controller`.
bool CgroupHas(absl::string_view controller, const LinuxFacts& host);

// The cgroup that a run with namespaces gets: for the limits that `request` sets and this host's controllers hold.
CgroupPlan CgroupOf(const Request& request, const LinuxFacts& host);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_ASSESS_H_
