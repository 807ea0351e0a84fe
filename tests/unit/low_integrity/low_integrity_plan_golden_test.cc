// Whole plans of low_integrity, reviewed like code: tests/golden/plans/low_integrity. scripts/update_goldens writes
// them anew.

#include <gtest/gtest.h>

#include "backends/low_integrity/backend.h"
#include "tests/support/confined_scenes.h"
#include "tests/support/plan_goldens.h"

namespace paddock {
namespace {

TEST(LowIntegrityPlanGoldenTest, EveryWindowsHost) {
  ExpectPlanGoldens(*MakeLowIntegrityBackend(), "tests/golden/plans/low_integrity", LowIntegrityScenes());
}

TEST(LowIntegrityPlanGoldenTest, EveryScenesPlanKeepsTheContract) {
  ExpectConformance(*MakeLowIntegrityBackend(), LowIntegrityScenes());
}

}  // namespace
}  // namespace paddock
