#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/base/units.h"

// Durations, sizes and counts: what is read, printed and read again is the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto duration = paddock::ParseDuration(text);
  if (duration.ok()) {
    const auto again = paddock::ParseDuration(paddock::FormatDuration(*duration));
    if (!again.ok() || *again != *duration) std::abort();
  }
  const auto bytes = paddock::ParseSize(text);
  if (bytes.ok()) {
    const auto again = paddock::ParseSize(paddock::FormatSize(*bytes));
    if (!again.ok() || *again != *bytes) std::abort();
  }
  paddock::ParseCount(text).status().IgnoreError();
  return 0;
}
