#ifndef PADDOCK_CORE_BASE_UNITS_H_
#define PADDOCK_CORE_BASE_UNITS_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Durations, sizes and counts as people write them in a policy or a flag. Whole numbers only, no sign, no spaces: what
// is written is exactly what holds. Errors are InvalidArgument, quote the text and show how to write it.

namespace paddock {

// One or more numbers with a unit, d h m s ms, each unit once, largest first: "500ms", "10m", "1h30m". Nothing has a
// default unit, so "10" is an error. At most kMaxDuration; "0s" parses.
absl::StatusOr<std::chrono::milliseconds> ParseDuration(absl::string_view text);
inline constexpr std::chrono::milliseconds kMaxDuration = std::chrono::hours(24 * 366 * 100);

// Bytes: "65536", "64KiB", "4GiB" (powers of 1024), "1GB" (powers of 1000); units B, KB MB GB TB, KiB MiB GiB TiB, in
// that spelling. "4G" is an error: it means either. At most kMaxSize, so that the value also fits in a signed integer.
absl::StatusOr<uint64_t> ParseSize(absl::string_view text);
inline constexpr uint64_t kMaxSize = INT64_MAX;

// A whole number, digits alone, at most kMaxSize.
absl::StatusOr<uint64_t> ParseCount(absl::string_view text);

// Canonical forms that parse back to the same value: "1h30m", "0s"; "4GiB", "1500".
std::string FormatDuration(std::chrono::milliseconds duration);
std::string FormatSize(uint64_t bytes);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_UNITS_H_
