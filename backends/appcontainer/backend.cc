#include "backends/appcontainer/backend.h"

#include "backends/appcontainer/assess.h"
#include "backends/appcontainer/plan.h"

namespace paddock {
namespace {

class AppContainerBackend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return AssessAppContainer(request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const override {
    return PlanAppContainer(tier, request, facts);
  }

 private:
  const BackendInfo info_ = {
      "appcontainer", "an AppContainer with the capabilities that the app declares", OsFamily::kWindows, {}};
};

}  // namespace

std::unique_ptr<Backend> MakeAppContainerBackend() { return std::make_unique<AppContainerBackend>(); }

}  // namespace paddock
