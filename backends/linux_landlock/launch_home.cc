#include "backends/linux_landlock/launch_home.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace paddock {
namespace {

constexpr char kUnusable[] = "home_layer_unusable";

// Where what an earlier run left in the layer may be in the way, or the layer itself cannot be mounted.
constexpr Stage kStagesOfTheView[] = {Stage::kCloneSource, Stage::kHomeLayer,        Stage::kMount,
                                      Stage::kPathChanged, Stage::kWorkingDirectory, Stage::kLandlock};

}  // namespace

void AcquireHomeLayer(ChildSpec* spec, LaunchState* state) {
  const auto& steps = state->plan->mounts;
  const auto step = std::find_if(steps.begin(), steps.end(), [](const MountStep& each) {
    return (each.op == MountOp::kHome || each.op == MountOp::kPrivate) && !each.source.empty();
  });
  if (step == steps.end() || state->home_lost) return;
  auto layer = HomeLayer::Acquire(step->source, state->plan->workspace);
  if (!layer.ok()) {
    state->home_lost = ReasonOf(layer.status()).value_or(MakeReason(kUnusable, layer.status().message()));
    return;
  }
  state->home_layer = *std::move(layer);
  ChildMount& mount = spec->mounts[step - steps.begin()];
  mount.layer = state->home_layer->path().c_str();
  mount.layer_identity = {state->home_layer->device(), state->home_layer->inode()};
}

std::optional<Reason> HomeLayerObstacle(const LaunchState& state, const absl::Status& failure) {
  if (failure.ok() || state.home_layer == nullptr || !state.setup_failure) return std::nullopt;
  const auto* const end = std::end(kStagesOfTheView);
  if (std::find(std::begin(kStagesOfTheView), end, state.setup_failure->stage) == end) return std::nullopt;
  return MakeReason(kUnusable, ReasonOf(failure).value_or(MakeReason(kUnusable, failure.message())).detail);
}

std::string HomeLostText(const Reason& reason) {
  return absl::StrCat("what the command writes below its home is not kept: ", reason.detail, " (", reason.code, "). ",
                      reason.remedy);
}

void TellHomeLost(const Reason& reason, RunResult* result) {
  result->notices.push_back(HomeLostText(reason));
  result->verdicts.push_back({"filesystem.home", Verdict::kApproximated, "writes go to the run's own tmpfs",
                              absl::StrCat("nothing is kept: ", reason.detail, " (", reason.code, ")")});
}

}  // namespace paddock
