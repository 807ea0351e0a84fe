#include "backends/wsl2/backend.h"

#include <memory>

#include "backends/wsl2/assess.h"

namespace paddock {
namespace {

class Wsl2Backend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return AssessWsl2(request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view /*tier*/, const Request& /*request*/,
                                  const Facts& /*facts*/) const override {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "plan_not_in_build",
                       "this version decides about wsl2 but has no planner for it");
  }

 private:
  const BackendInfo info_{
      "wsl2", "the Linux sandbox inside a WSL2 distribution, through a relay", OsFamily::kWindows, {}};
};

}  // namespace

std::unique_ptr<Backend> MakeWsl2Backend() { return std::make_unique<Wsl2Backend>(); }

}  // namespace paddock
