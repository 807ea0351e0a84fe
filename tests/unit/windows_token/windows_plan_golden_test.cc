// Whole plans of windows_token, reviewed like code: tests/golden/plans/windows_token. scripts/update_goldens writes
// them anew.

#include <gtest/gtest.h>

#include "backends/windows_token/backend.h"
#include "tests/support/plan_goldens.h"
#include "tests/support/windows_plans.h"

namespace paddock {
namespace {

TEST(WindowsPlanGoldenTest, EveryWindowsHostForCodingAndComputerUse) {
  ExpectPlanGoldens(*MakeWindowsTokenBackend(), "tests/golden/plans/windows_token", WindowsScenes());
}

TEST(WindowsPlanGoldenTest, EveryScenesPlanKeepsTheContract) {
  ExpectConformance(*MakeWindowsTokenBackend(), WindowsScenes());
}

}  // namespace
}  // namespace paddock
