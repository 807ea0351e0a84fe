#ifndef PADDOCK_TESTS_UNIT_LINUX_LANDLOCK_PLAN_CHECKS_H_
#define PADDOCK_TESTS_UNIT_LINUX_LANDLOCK_PLAN_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/plan/launch_plan.h"
#include "tests/support/linux_facts.h"

namespace paddock {

// What a command sees at a path once all steps are placed.
enum class Sees : uint8_t {
  kReadOnly,  // the host's
  kWritable,  // the host's
  kHidden,    // nothing of the host's, and nothing can be put there
  kPrivate,   // a place of the run's own
  kOverlay,   // the host's, writes thrown away or kept in a layer
};
std::ostream& operator<<(std::ostream& out, Sees sees);

// Works it out by placing the steps in order, as mounts behave: the last one that covers `path` counts.
Sees Seen(const LinuxPlan& body, const std::string& path);

// The first step of this kind at `target`, or nullptr.
const MountStep* FindStep(const LinuxPlan& body, MountOp op, const std::string& target);
bool Has(const LinuxPlan& body, MountOp op, const std::string& target);
std::vector<std::string> Targets(const LinuxPlan& body, MountOp op);
std::vector<std::string> Placeholders(const LinuxPlan& body);
const WatchedPath* FindWatched(const LinuxPlan& body, const std::string& path);

// "enforced", "approximated", "not-enforced"; "none" if the plan says nothing about `rule`.
std::string VerdictOf(const LaunchPlan& plan, const std::string& rule);

// The reason code of a refusal; "planned" if there is a plan.
std::string Refusal(const LinuxScene& scene);

// Plans, fails the test if that is refused, and checks what every plan has to hold (ExpectSound).
LaunchPlan PlanOf(const LinuxScene& scene);

// What holds for every plan:
//  - parents are placed before children, nothing below a mask or a cover, /dev and /proc last, no step twice;
//  - each step inside a grant stands on real directories that exist or are placeholders, and each directory between the
//    grant and it is pinned or cannot be written itself;
//  - what deny_write and read_only name inside a grant cannot be written, what lies below it neither, or it is watched;
//  - what deny_read names cannot be seen, nor what lies below it;
//  - placeholders are absent names inside grants, parents first, and the plan's leases;
//  - Landlock allows writing where the plan does.
void ExpectSound(const LinuxScene& scene, const LaunchPlan& plan);

}  // namespace paddock

#endif  // PADDOCK_TESTS_UNIT_LINUX_LANDLOCK_PLAN_CHECKS_H_
