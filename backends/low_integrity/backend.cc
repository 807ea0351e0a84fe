#include "backends/low_integrity/backend.h"

#include "backends/low_integrity/assess.h"
#include "backends/low_integrity/plan.h"

namespace paddock {
namespace {

class LowIntegrityBackend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return AssessLowIntegrity(request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const override {
    return PlanLowIntegrity(tier, request, facts);
  }

 private:
  const BackendInfo info_ = {"low_integrity", "a low-integrity process over a labelled copy", OsFamily::kWindows, {}};
};

}  // namespace

std::unique_ptr<Backend> MakeLowIntegrityBackend() { return std::make_unique<LowIntegrityBackend>(); }

}  // namespace paddock
