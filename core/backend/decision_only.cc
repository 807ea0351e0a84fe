#include "core/backend/decision_only.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

class DecisionOnlyBackend : public Backend {
 public:
  DecisionOnlyBackend(BackendInfo info, Assessment (*assess)(const Request&, const Facts&))
      : info_(std::move(info)), assess_(assess) {}

  const BackendInfo& info() const override { return info_; }

  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    return assess_(request, facts);
  }

  absl::StatusOr<LaunchPlan> Plan(absl::string_view /*tier*/, const Request& /*request*/,
                                  const Facts& /*facts*/) const override {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "plan_not_in_build",
                       absl::StrCat("this version decides about ", info_.name, " but has no planner for it"));
  }

 private:
  const BackendInfo info_;
  Assessment (*const assess_)(const Request&, const Facts&);
};

}  // namespace

std::unique_ptr<Backend> MakeDecisionOnlyBackend(BackendInfo info, Assessment (*assess)(const Request&, const Facts&)) {
  return std::make_unique<DecisionOnlyBackend>(std::move(info), assess);
}

}  // namespace paddock
