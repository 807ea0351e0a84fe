#ifndef PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_PLAN_H_
#define PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_PLAN_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/plan/launch_plan.h"

namespace posix_limits {

// What getrlimit(2) knows by number, by name: plans are printed on systems that have no such numbers.
enum class Resource : uint8_t { kCpuSeconds, kDataBytes, kFileBytes, kUserProcesses };
absl::string_view Name(Resource resource);  // "RLIMIT_CPU"

struct ResourceLimit {
  Resource resource = Resource::kCpuSeconds;
  uint64_t soft = 0;
  uint64_t hard = 0;
};

// All that the launcher needs to know; it decides nothing.
struct Plan : paddock::PlanBody {
  std::vector<std::string> executables;  // tried in this order; relative to cwd
  std::vector<std::string> command;
  std::vector<std::string> environment;  // NAME=VALUE, sorted
  std::string cwd;
  std::vector<ResourceLimit> rlimits;
  std::optional<std::chrono::milliseconds> wall;
  std::optional<uint64_t> output;  // bytes of stdout and stderr together

  paddock::Json ToJson() const override;
};

}  // namespace posix_limits

#endif  // PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_PLAN_H_
