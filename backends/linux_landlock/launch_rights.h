#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_RIGHTS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_RIGHTS_H_

#include <string>
#include <vector>

#include "backends/linux_landlock/linux_plan.h"

namespace paddock {

// One path that a rule is applied to as it stands.
struct RulePath {
  std::string path;
  bool directory = true;
  bool optional = false;  // it may be gone by the time that the rule is added
};

// The paths of a rule on this host: its own, or, where it leaves something out, everything that stands beside the way
// to what is left out. Symbolic links and sockets get none: a rule says nothing about either. A directory that cannot
// be listed is left out as a whole.
std::vector<RulePath> ExpandRule(const LandlockRule& rule);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_RIGHTS_H_
