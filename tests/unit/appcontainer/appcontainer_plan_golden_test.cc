// Whole plans of appcontainer, reviewed like code: tests/golden/plans/appcontainer. scripts/update_goldens writes them
// anew.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "backends/appcontainer/backend.h"
#include "core/backend/conformance.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "tests/support/confined_scenes.h"
#include "tests/support/golden.h"

namespace paddock {
namespace {

constexpr char kDirectory[] = "tests/golden/plans/appcontainer/";

TEST(AppContainerPlanGoldenTest, EveryWindowsHost) {
  const auto backend = MakeAppContainerBackend();
  std::string refusals = "scene, and why there is no plan\n\n";
  for (const WindowsScene& scene : AppContainerScenes()) {
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

TEST(AppContainerPlanGoldenTest, EveryScenesPlanKeepsTheContract) {
  const auto backend = MakeAppContainerBackend();
  for (const WindowsScene& scene : AppContainerScenes()) {
    for (const std::string& fault : ConformanceFaults(*backend, scene.request, scene.facts)) {
      ADD_FAILURE() << scene.name << ": " << fault;
    }
  }
}

}  // namespace
}  // namespace paddock
