#ifndef PADDOCK_CORE_BASE_JSON_H_
#define PADDOCK_CORE_BASE_JSON_H_

#include <string>

#include <nlohmann/json_fwd.hpp>
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace paddock {

// Keys keep the order in which they were written, so that goldens and `--json` output are stable.
using Json = nlohmann::ordered_json;

// Parses `text`; refuses inputs over `max_bytes` and nesting over 64 levels. `source` (a file name) begins the message
// of an error, which names line and column. Never throws.
absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view source, size_t max_bytes = 8u << 20);

// Two-space indent, a newline at the end. Bytes that are no UTF-8 (file names may hold any) become U+FFFD.
std::string DumpJson(const Json& json);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_JSON_H_
