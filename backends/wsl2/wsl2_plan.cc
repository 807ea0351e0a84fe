#include "backends/wsl2/wsl2_plan.h"

#include <nlohmann/json.hpp>

namespace paddock::wsl2 {

Json Wsl2Plan::ToJson() const {
  Json json = {{"distribution", distribution},
               {"program", "%SystemRoot%\\System32\\wsl.exe"},
               {"arguments", arguments},
               {"environment", {{"WSLENV", nullptr}, {"WSL_UTF8", "1"}}},
               {"relay_file", relay_file}};
  json["mounts"] = Json::object();
  for (const auto& [volume, mount] : mounts) json["mounts"][volume] = mount;
  json["absent"] = Json::array();
  for (const auto& [path, rule] : absent) json["absent"].push_back({{"path", path}, {"rule", rule}});
  Json run_json;
  const auto text = EncodeNestedRun(run);
  if (text.ok()) {
    auto parsed = ParseJson(*text, "the nested run");
    if (parsed.ok()) run_json = *std::move(parsed);
  }
  json["run"] = std::move(run_json);
  return json;
}

}  // namespace paddock::wsl2
