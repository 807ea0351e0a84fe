#ifndef PADDOCK_PROVISION_SETUP_SERVICE_H_
#define PADDOCK_PROVISION_SETUP_SERVICE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/host/fact.h"
#include "core/platform/windows/machine/machine_calls.h"
#include "core/platform/windows/unique_handle.h"
#include "provision/setup_request.h"
#include "provision/windows_host.h"

// Set-up in two processes: the user's asks, and one with an administrator's rights does.

namespace paddock::provision {

// What the side that does takes from its own surroundings, and from nobody who asks.
struct SetupSurroundings {
  machine::MachineLibraries libraries;
  std::string runner;         // the program to copy
  std::string program_files;  // %ProgramFiles%
  Fact domain_controller;
  std::string record_key = kRecordKey;
  std::string sign_in_key = kSignInKey;
};

// The plan as this side makes it, from its own surroundings and the directories that were asked for.
absl::StatusOr<SetupPlan> PlanFrom(const SetupSurroundings& surroundings,
                                   const std::vector<std::string>& tool_directories);

// Does it in this process. `owner`: whose set-up it is. `caller`: see WindowsHostOptions.
absl::Status DoSetup(const SetupRequest& request, const SetupSurroundings& surroundings, const std::string& owner,
                     HANDLE caller, const StepListener& listener);

// What the elevated process does: it listens at the pipe `name`, says so, takes one request from the process `caller`,
// whose user is the owner, and answers with what is done. The result is that of the work, as the caller was told it.
absl::Status ServeSetup(const std::string& name, uint32_t caller, const SetupSurroundings& surroundings);

// Starts the elevated process, which has to call ServeSetup(name, caller). Cancelled: the user said no.
using StartHelper = std::function<absl::StatusOr<UniqueHandle>(const std::string& name, uint32_t caller)>;

// Has another process do it. Unavailable: that has ended too early; what it had begun is on record.
absl::Status AskForSetup(const SetupRequest& request, const StartHelper& start, const StepListener& listener);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_SETUP_SERVICE_H_
