#include "backends/windows_sandbox/backend.h"

#include "backends/windows_sandbox/assess.h"
#include "backends/windows_sandbox/plan.h"

namespace paddock {
namespace {

class WindowsSandboxBackend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return AssessWindowsSandbox(request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const override {
    return PlanWindowsSandbox(tier, request, facts);
  }

 private:
  const BackendInfo info_ = {
      "windows_sandbox", "a disposable virtual machine with a desktop of its own", OsFamily::kWindows, {}};
};

}  // namespace

std::unique_ptr<Backend> MakeWindowsSandboxBackend() { return std::make_unique<WindowsSandboxBackend>(); }

}  // namespace paddock
