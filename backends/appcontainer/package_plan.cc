#include "backends/appcontainer/package_plan.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

Json PackageJson(const PackageSpec& package) {
  const auto capability = [](const CapabilitySpec& spec) {
    Json json = {{"name", spec.name}, {"sid", spec.sid}};
    return json;
  };
  return {{"name", package.name},
          {"display_name", package.display_name},
          {"capabilities", JsonArray(package.capabilities, capability)},
          {"lpac", package.lpac}};
}

}  // namespace

Json AppContainerPlan::ToJson() const {
  return {
      {"package", PackageJson(package)}, {"roots", JsonArray(roots)},           {"folders", JsonArray(folders)},
      {"job", paddock::ToJson(job)},     {"process", paddock::ToJson(process)}, {"limits", WatchedLimitsJson(limits)},
      {"state_dir", state_dir}};
}

}  // namespace paddock
