#include "core/policy/guarantee.h"

#include <nlohmann/json.hpp>
#include <string>

namespace paddock {
namespace {

struct Row {
  absl::string_view name;
  std::vector<absl::string_view> levels;  // weakest first
};

const std::vector<Row>& Table() {
  static const std::vector<Row> kTable = {
      {"write", {"none", "modify-scoped", "scoped", "confined", "disposable"}},
      {"read", {"none", "masked", "allowlisted"}},
      {"network", {"open", "advisory", "filtered", "brokered", "off"}},
      {"tree", {"inherited", "contained"}},
      {"process", {"shared", "isolated"}},
      {"ui", {"shared", "private-desktop", "separate-machine"}},
      {"limits", {"none", "per-process", "tree"}},
      {"workspace", {"none", "copy", "mapped", "live"}},
      {"host_change", {"permanent", "recorded", "leased", "none"}},
  };
  return kTable;
}

const Row& RowOf(Guarantee guarantee) { return Table()[static_cast<size_t>(guarantee)]; }

}  // namespace

absl::string_view GuaranteeName(Guarantee guarantee) { return RowOf(guarantee).name; }

std::optional<Guarantee> ParseGuarantee(absl::string_view name) {
  for (const Guarantee guarantee : kAllGuarantees) {
    if (RowOf(guarantee).name == name) return guarantee;
  }
  return std::nullopt;
}

absl::string_view LevelName(Guarantee guarantee, Level level) { return RowOf(guarantee).levels.at(level); }

std::optional<Level> ParseLevel(Guarantee guarantee, absl::string_view name) {
  const auto& levels = RowOf(guarantee).levels;
  for (size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

size_t LevelCount(Guarantee guarantee) { return RowOf(guarantee).levels.size(); }

Json ToJson(const GuaranteeLevels& levels) {
  Json json = Json::object();
  for (const Guarantee guarantee : kAllGuarantees) {
    json[std::string(GuaranteeName(guarantee))] = std::string(LevelName(guarantee, levels[guarantee]));
  }
  return json;
}

Json ToJson(const Requirement& requirement) {
  return {{"guarantee", std::string(GuaranteeName(requirement.guarantee))},
          {"level", std::string(LevelName(requirement.guarantee, requirement.level))},
          {"required", requirement.required}};
}

}  // namespace paddock
