#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_ELEVATION_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_ELEVATION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "core/access/sid.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock::machine {

// Whether this process has an administrator's rights.
absl::StatusOr<bool> IsElevated();
absl::StatusOr<access::Sid> OwnUser();

// Starts `program` with `arguments`, words without spaces or quotes, and an administrator's rights, which Windows asks
// the user for. Cancelled: the user said no.
absl::StatusOr<UniqueHandle> StartElevated(const std::string& program, const std::string& arguments);

std::string OwnProgram();
// %ProgramFiles%, as the system has it: the environment is the user's to write.
absl::StatusOr<std::string> ProgramFilesFolder();

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_ELEVATION_H_
