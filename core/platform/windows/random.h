#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_RANDOM_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_RANDOM_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

// The system's random generator. Unavailable (`setup_failed`) if it gives nothing. Thread-safe.

namespace paddock {

absl::StatusOr<std::array<uint8_t, 32>> RandomBytes();

// `digits` random hexadecimal digits, 64 at most: names of pipes and folders, nonces.
absl::StatusOr<std::string> RandomHex(size_t digits);

// For SIDs that nobody may guess; ends the process if the generator gives nothing, since there is nothing to go on
// with.
std::array<uint32_t, 4> RandomWords();

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_RANDOM_H_
