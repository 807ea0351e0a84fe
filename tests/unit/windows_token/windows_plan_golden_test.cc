// Whole plans of windows_token, reviewed like code: tests/golden/plans/windows_token. scripts/update_goldens writes
// them anew.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/backend.h"
#include "core/backend/conformance.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "tests/support/golden.h"
#include "tests/support/windows_plans.h"

namespace paddock {
namespace {

constexpr char kDirectory[] = "tests/golden/plans/windows_token/";

TEST(WindowsPlanGoldenTest, EveryWindowsHostForCodingAndComputerUse) {
  std::string refusals = "scene, and why there is no plan\n\n";
  for (const WindowsScene& scene : WindowsScenes()) {
    const auto plan = PlanOfScene(scene);
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

TEST(WindowsPlanGoldenTest, EveryScenesPlanKeepsTheContract) {
  const auto backend = MakeWindowsTokenBackend();
  for (const WindowsScene& scene : WindowsScenes()) {
    for (const std::string& fault : ConformanceFaults(*backend, scene.request, scene.facts)) {
      ADD_FAILURE() << scene.name << ": " << fault;
    }
  }
}

}  // namespace
}  // namespace paddock
