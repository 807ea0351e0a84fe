#ifndef PADDOCK_TESTS_SUPPORT_WINDOWS_PLANS_H_
#define PADDOCK_TESTS_SUPPORT_WINDOWS_PLANS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/windows_token/token_plan.h"
#include "core/plan/launch_plan.h"
#include "tests/support/plan_goldens.h"

namespace paddock {

using WindowsScene = PlanScene;

// Every recorded Windows host for coding and for computer-use, and scenes that show what these do not.
std::vector<WindowsScene> WindowsScenes();

// The scene of that name; the test fails if there is none.
WindowsScene WindowsSceneNamed(const std::string& name);

absl::StatusOr<LaunchPlan> PlanOfScene(const WindowsScene& scene);

// The body of a plan of windows_token.
const WindowsTokenPlan& TokenBodyOf(const LaunchPlan& plan);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_WINDOWS_PLANS_H_
