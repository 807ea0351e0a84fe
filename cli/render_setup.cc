#include "cli/render_setup.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/escape.h"
#include "core/base/reason.h"

namespace paddock::cli {
namespace {

using provision::RecordedStep;
using provision::StepEvent;
using provision::StepNews;

absl::string_view Word(StepEvent event) {
  constexpr absl::string_view kWords[] = {"made    ", "kept    ", "removed ", "stuck   "};
  return kWords[static_cast<size_t>(event)];
}

size_t Unmade(const provision::SetupRecord& record) {
  return static_cast<size_t>(std::count_if(record.steps.begin(), record.steps.end(),
                                           [](const RecordedStep& recorded) { return !recorded.made; }));
}

// What keeps this user from using the set-up, as a sentence; empty if nothing does.
std::string Obstacle(const SetupStatus& status) {
  if (!status.record) return "not set up: `paddock setup` makes it";
  const provision::SetupRecord& record = *status.record;
  if (!record.complete) {
    return absl::StrCat("begun and not finished, ", Unmade(record), " of ", record.steps.size(),
                        " steps open: `paddock setup` goes on, `paddock teardown` undoes it");
  }
  if (record.owner != status.user) return absl::StrCat("set up for another user, ", record.owner);
  if (!status.passwords) return "the passwords of its users are lost: `paddock setup` sets new ones";
  if (!status.runner) return "its program is gone: `paddock setup` puts it there again";
  return "";
}

}  // namespace

std::string RenderSetupPlan(const provision::SetupPlan& plan) {
  std::string text;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    absl::StrAppend(&text, absl::StrFormat("%2d  ", i + 1), Escape(Describe(plan.steps[i])), "\n");
  }
  return text;
}

std::string RenderStepNews(const StepNews& news) {
  std::string text = absl::StrCat(Word(news.event), " ", Escape(Describe(news.step)));
  if (!news.detail.empty()) absl::StrAppend(&text, ": ", Escape(news.detail));
  return absl::StrCat(text, "\n");
}

Json SetupResultJson(const std::vector<StepNews>& news, const absl::Status& error) {
  Json steps = Json::array();
  for (const StepNews& item : news) {
    Json step = ToJson(item.step);
    step["event"] = std::string(Name(item.event));
    step["detail"] = item.detail;
    steps.push_back(std::move(step));
  }
  const auto reason = ReasonOf(error);
  return {{"schema", "paddock.setup-result/1"},
          {"ok", error.ok()},
          {"error", error.ok() ? "" : std::string(error.message())},
          {"reason", reason ? ToJson(*reason) : Json()},
          {"steps", std::move(steps)}};
}

std::string RenderFilterTry(absl::string_view tried) {
  return absl::StrCat("filter   ", Escape(std::string(tried)), "; each launch without a network tries again\n");
}

std::string RenderSetupStatus(const SetupStatus& status) {
  const std::string obstacle = Obstacle(status);
  std::string text = absl::StrCat(obstacle.empty() ? "set up, and usable" : Escape(obstacle), "\n");
  if (!status.record) return text;
  for (const RecordedStep& recorded : status.record->steps) {
    absl::StrAppend(&text, recorded.made ? "made     " : "open     ", Escape(Describe(recorded.step)),
                    recorded.identity.empty() ? "" : absl::StrCat(" (", Escape(recorded.identity), ")"), "\n");
  }
  const Fact& filter = status.network_filter;
  return absl::StrCat(text, RenderFilterTry(filter.yes()  ? "seen to hold"
                                            : filter.no() ? "seen not to hold"
                                                          : "not seen to hold yet"));
}

Json ToJson(const SetupStatus& status) {
  Json steps = Json::array();
  if (status.record) {
    for (const RecordedStep& recorded : status.record->steps) {
      Json step = ToJson(recorded.step);
      step["made"] = recorded.made;
      step["identity"] = recorded.identity;
      steps.push_back(std::move(step));
    }
  }
  const std::string obstacle = Obstacle(status);
  return {
      {"schema", "paddock.setup-status/1"},
      {"usable", obstacle.empty()},
      {"obstacle", obstacle},
      {"complete", status.record && status.record->complete},
      {"owner", status.record ? Json(status.record->owner) : Json()},
      {"number", status.record ? Json(status.record->number) : Json()},
      {"network_filter_verified", status.network_filter.unknown() ? Json(nullptr) : Json(status.network_filter.yes())},
      {"steps", std::move(steps)}};
}

}  // namespace paddock::cli
