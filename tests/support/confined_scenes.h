#ifndef PADDOCK_TESTS_SUPPORT_CONFINED_SCENES_H_
#define PADDOCK_TESTS_SUPPORT_CONFINED_SCENES_H_

#include <string>
#include <vector>

#include "backends/appcontainer/package_plan.h"
#include "backends/low_integrity/low_plan.h"
#include "tests/support/windows_plans.h"

namespace paddock {

// Every recorded Windows host for a packaged app, and scenes that show what these do not.
std::vector<WindowsScene> AppContainerScenes();
// The same for a low process.
std::vector<WindowsScene> LowIntegrityScenes();

// The scene of that name; the test fails if there is none.
WindowsScene SceneNamed(const std::vector<WindowsScene>& scenes, const std::string& name);

const AppContainerPlan& PackageBodyOf(const LaunchPlan& plan);
const LowIntegrityPlan& LowBodyOf(const LaunchPlan& plan);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_CONFINED_SCENES_H_
