#ifndef PADDOCK_TESTS_WINDOWS_CONFINED_LAUNCH_H_
#define PADDOCK_TESTS_WINDOWS_CONFINED_LAUNCH_H_

#include <memory>
#include <string>
#include <vector>

#include "core/backend/launcher.h"
#include "core/plan/launch_plan.h"

namespace paddock {

// One run of appcontainer or of low_integrity, with an enforcement that composes and reads nothing back: what a test
// and the process that it kills both launch.
struct ConfinedLaunch {
  std::unique_ptr<Launcher> launcher;
  LaunchPlan plan;
};

// `backend` is "appcontainer" or "low_integrity"; `workspace` and `state` are there.
ConfinedLaunch MakeConfinedLaunch(const std::string& backend, const std::vector<std::string>& command,
                                  const std::string& workspace, const std::string& state);

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_CONFINED_LAUNCH_H_
