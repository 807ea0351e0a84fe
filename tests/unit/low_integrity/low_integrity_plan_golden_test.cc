// Whole plans of low_integrity, reviewed like code: tests/golden/plans/low_integrity. scripts/update_goldens writes
// them anew.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "backends/low_integrity/backend.h"
#include "core/backend/conformance.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "tests/support/confined_scenes.h"
#include "tests/support/golden.h"

namespace paddock {
namespace {

constexpr char kDirectory[] = "tests/golden/plans/low_integrity/";

TEST(LowIntegrityPlanGoldenTest, EveryWindowsHost) {
  const auto backend = MakeLowIntegrityBackend();
  std::string refusals = "scene, and why there is no plan\n\n";
  for (const WindowsScene& scene : LowIntegrityScenes()) {
    const auto plan = backend->Plan("", scene.request, scene.facts);
    if (plan.ok()) {
      ExpectGolden(absl::StrCat(kDirectory, scene.name, ".json"), DumpJson(ToJson(*plan)));
      continue;
    }
    const auto reason = ReasonOf(plan.status());
    ASSERT_TRUE(reason.has_value()) << plan.status();
    absl::StrAppend(&refusals, scene.name, ": ", reason->code, ": ", reason->detail, "\n");
  }
  ExpectGolden(absl::StrCat(kDirectory, "refusals.txt"), refusals);
}

TEST(LowIntegrityPlanGoldenTest, EveryScenesPlanKeepsTheContract) {
  const auto backend = MakeLowIntegrityBackend();
  for (const WindowsScene& scene : LowIntegrityScenes()) {
    for (const std::string& fault : ConformanceFaults(*backend, scene.request, scene.facts)) {
      ADD_FAILURE() << scene.name << ": " << fault;
    }
  }
}

}  // namespace
}  // namespace paddock
