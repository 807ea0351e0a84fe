// Whole plans of appcontainer, reviewed like code: tests/golden/plans/appcontainer. scripts/update_goldens writes them
// anew.

#include <gtest/gtest.h>

#include "backends/appcontainer/backend.h"
#include "tests/support/confined_scenes.h"
#include "tests/support/plan_goldens.h"

namespace paddock {
namespace {

TEST(AppContainerPlanGoldenTest, EveryWindowsHost) {
  ExpectPlanGoldens(*MakeAppContainerBackend(), "tests/golden/plans/appcontainer", AppContainerScenes());
}

TEST(AppContainerPlanGoldenTest, EveryScenesPlanKeepsTheContract) {
  ExpectConformance(*MakeAppContainerBackend(), AppContainerScenes());
}

}  // namespace
}  // namespace paddock
