#include "backends/wsl2/backend.h"

#include "backends/wsl2/assess.h"
#include "backends/wsl2/plan.h"

namespace paddock {
namespace {

class Wsl2Backend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }
  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return AssessWsl2(request, facts);
  }
  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const override {
    return PlanWsl2(tier, request, facts);
  }

 private:
  const BackendInfo info_ = {
      "wsl2", "the Linux sandbox inside a WSL2 distribution, through a relay", OsFamily::kWindows, {}};
};

}  // namespace

std::unique_ptr<Backend> MakeWsl2Backend() { return std::make_unique<Wsl2Backend>(); }

}  // namespace paddock
