#include "backends/windows_token/backend.h"

#include "backends/windows_token/assess.h"
#include "backends/windows_token/plan.h"

namespace paddock {
namespace {

class WindowsTokenBackend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return AssessWindowsToken(request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const override {
    return PlanWindowsToken(tier, request, facts);
  }

 private:
  const BackendInfo info_ = {
      "windows_token",
      "a restricted token with its own SIDs, job and desktop; a dedicated user where provisioned",
      OsFamily::kWindows,
      {}};
};

}  // namespace

std::unique_ptr<Backend> MakeWindowsTokenBackend() { return std::make_unique<WindowsTokenBackend>(); }

}  // namespace paddock
