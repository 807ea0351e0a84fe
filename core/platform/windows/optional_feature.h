#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_OPTIONAL_FEATURE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_OPTIONAL_FEATURE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace paddock {

// Win32_OptionalFeature.InstallState of the feature `name` (letters, digits and dashes), asked of WMI, which needs no
// elevation where DISM does. May take seconds or hang: ask on a thread of its own (deadline.h), which must not have
// initialised COM. NotFound: WMI knows no such feature.
absl::StatusOr<uint32_t> OptionalFeatureState(const std::string& name);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_OPTIONAL_FEATURE_H_
