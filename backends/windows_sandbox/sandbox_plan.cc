#include "backends/windows_sandbox/sandbox_plan.h"

#include <nlohmann/json.hpp>

namespace paddock {

absl::string_view Name(WorkspaceMode mode) {
  switch (mode) {
    case WorkspaceMode::kNone:
      return "none";
    case WorkspaceMode::kMapped:
      return "mapped";
    case WorkspaceMode::kCopy:
      return "copy";
  }
  return "none";
}

Json WindowsSandboxPlan::ToJson() const {
  return {{"machine", paddock::ToJson(machine)},
          {"workspace", std::string(Name(workspace))},
          {"order", paddock::ToJson(order)},
          {"watched", JsonArray(watched,
                                [](const ComparedName& name) {
                                  return Json{{"path", name.path}, {"rule", name.rule}};
                                })},
          {"state_dir", state_dir}};
}

}  // namespace paddock
