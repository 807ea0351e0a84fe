#include "tests/support/plan_goldens.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/backend/conformance.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "tests/support/golden.h"

namespace paddock {

std::string RefusalLine(const PlanScene& scene, const absl::Status& status) {
  const auto reason = ReasonOf(status);
  EXPECT_TRUE(reason.has_value()) << scene.name << ": " << status;
  if (!reason.has_value()) return "";
  return absl::StrCat(scene.name, ": ", reason->code, ": ", reason->detail, "\n");
}

void ExpectPlanGoldens(const Backend& backend, absl::string_view directory, const std::vector<PlanScene>& scenes) {
  std::string refusals = "scene, and why there is no plan\n\n";
  for (const PlanScene& scene : scenes) {
    const auto plan = backend.Plan("", scene.request, scene.facts);
    if (plan.ok()) {
      ExpectGolden(absl::StrCat(directory, "/", scene.name, ".json"), DumpJson(ToJson(*plan)));
    } else {
      refusals += RefusalLine(scene, plan.status());
    }
  }
  ExpectGolden(absl::StrCat(directory, "/refusals.txt"), refusals);
}

void ExpectConformance(const Backend& backend, const std::vector<PlanScene>& scenes) {
  for (const PlanScene& scene : scenes) {
    for (const std::string& fault : ConformanceFaults(backend, scene.request, scene.facts)) {
      ADD_FAILURE() << scene.name << ": " << fault;
    }
  }
}

}  // namespace paddock
