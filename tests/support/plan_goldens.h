#ifndef PADDOCK_TESTS_SUPPORT_PLAN_GOLDENS_H_
#define PADDOCK_TESTS_SUPPORT_PLAN_GOLDENS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/backend/backend.h"
#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// A request on a host, for which a backend has a plan or a refusal.
struct PlanScene {
  std::string name;  // "windows_11_home.coding": also of the golden
  Request request;
  Facts facts;
};

// "scene: reason_code: detail", a line; the test fails if `status` has no reason.
std::string RefusalLine(const PlanScene& scene, const absl::Status& status);

// Each scene's plan as DIRECTORY/NAME.json, and those that have none, with the reason, as DIRECTORY/refusals.txt.
void ExpectPlanGoldens(const Backend& backend, absl::string_view directory, const std::vector<PlanScene>& scenes);

// The test fails for each fault of core/backend/conformance.h.
void ExpectConformance(const Backend& backend, const std::vector<PlanScene>& scenes);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_PLAN_GOLDENS_H_
