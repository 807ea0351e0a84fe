#include "backends/appcontainer/backend.h"

#include <memory>

#include "backends/appcontainer/assess.h"

namespace paddock {
namespace {

class AppContainerBackend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return AssessAppContainer(request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view /*tier*/, const Request& /*request*/,
                                  const Facts& /*facts*/) const override {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "plan_not_in_build",
                       "this version decides about appcontainer but has no planner for it");
  }

 private:
  const BackendInfo info_{
      "appcontainer", "an AppContainer with the capabilities that the app declares", OsFamily::kWindows, {}};
};

}  // namespace

std::unique_ptr<Backend> MakeAppContainerBackend() { return std::make_unique<AppContainerBackend>(); }

}  // namespace paddock
