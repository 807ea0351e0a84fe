#include "posix_limits/plan.h"

#include <nlohmann/json.hpp>

namespace posix_limits {

absl::string_view Name(Resource resource) {
  switch (resource) {
    case Resource::kCpuSeconds:
      return "RLIMIT_CPU";
    case Resource::kDataBytes:
      return "RLIMIT_DATA";
    case Resource::kFileBytes:
      return "RLIMIT_FSIZE";
    case Resource::kUserProcesses:
      return "RLIMIT_NPROC";
  }
  return "";
}

paddock::Json Plan::ToJson() const {
  const auto limit = [](const ResourceLimit& l) -> paddock::Json {
    return {{"resource", std::string(Name(l.resource))}, {"soft", l.soft}, {"hard", l.hard}};
  };
  return {{"executables", executables},
          {"command", command},
          {"environment", environment},
          {"cwd", cwd},
          {"rlimits", paddock::JsonArray(rlimits, limit)},
          {"wall_ms", wall.has_value() ? paddock::Json(wall->count()) : paddock::Json(nullptr)},
          {"output_bytes", output.has_value() ? paddock::Json(*output) : paddock::Json(nullptr)}};
}

}  // namespace posix_limits
