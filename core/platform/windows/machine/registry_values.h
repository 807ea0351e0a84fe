#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_REGISTRY_VALUES_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_REGISTRY_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Values below HKEY_LOCAL_MACHINE, in its 64-bit view (registry.h reads). Changing them takes an administrator. Each is
// on the disk when the call returns. Errors are Win32Status's.

namespace paddock::machine {

// Makes the key where it is missing.
absl::Status SetMachineText(const std::string& key, absl::string_view name, absl::string_view text);
absl::Status SetMachineNumber(const std::string& key, absl::string_view name, uint32_t number);
// And the key, if nothing is left in it. What is not there is no error.
absl::Status RemoveMachineValue(const std::string& key, absl::string_view name);

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_REGISTRY_VALUES_H_
