#ifndef PADDOCK_PROVISION_SETUP_PLAN_H_
#define PADDOCK_PROVISION_SETUP_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/json.h"
#include "core/host/facts.h"
#include "provision/step.h"

namespace paddock::provision {

// What there is to know before the first step.
struct SetupInputs {
  Fact domain_controller;     // a machine that is one has no local users
  std::string program_files;  // %ProgramFiles%: absolute
  std::string runner_sha256;  // of the runner that this version brings, 64 hexadecimal digits
  // Directories with tools, below the profile of whoever uses Paddock, that the dedicated users may read and execute.
  std::vector<std::string> tool_directories;
};

inline constexpr size_t kMostToolDirectories = 16;

struct SetupPlan {
  std::vector<Step> steps;  // in the order in which they are made; undone in the reverse of it
};

// Pure. FailedPrecondition `domain_controller`: also where it is not known. InvalidArgument `path_invalid`: a tool
// directory that is no directory of its own below a profile (a drive, a profile as a whole, one of the system's, which
// can be read without this, or one that is not written in the usual way), or one too many.
absl::StatusOr<SetupPlan> PlanSetup(const SetupInputs& inputs);

// Schema "paddock.setup-plan/1".
Json ToJson(const SetupPlan& plan);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_SETUP_PLAN_H_
