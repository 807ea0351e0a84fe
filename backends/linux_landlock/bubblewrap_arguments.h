#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_BUBBLEWRAP_ARGUMENTS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_BUBBLEWRAP_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "backends/linux_landlock/linux_plan.h"

namespace paddock {

// One entry of the host's home directory.
struct HomeEntry {
  std::string name;
  std::string link;  // what a symbolic link says; empty: it is none
};

// Whether bwrap finds a path, no link followed. Out of reach: below a directory that its user namespace may not enter,
// and the command may not, either.
enum class Reach { kThere, kAbsent, kOutOfReach };

// What the arguments depend on beside the plan, asked when the run starts.
struct BubblewrapHost {
  absl::FunctionRef<Reach(const std::string& path)> look;
  absl::FunctionRef<std::vector<HomeEntry>(const std::string& home)> home_entries;
};

// The plan of tier bubblewrap as bwrap(1)'s arguments (0.7.0 and later), without the command: the same steps in the
// same order. What bubblewrap cannot do (checking identities, Landlock, seccomp, limits) is the inner stage's, the
// command that it starts as pid 1.
std::vector<std::string> BubblewrapArguments(const LinuxPlan& plan, const BubblewrapHost& host);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_BUBBLEWRAP_ARGUMENTS_H_
