#ifndef PADDOCK_CORE_BASE_JSON_H_
#define PADDOCK_CORE_BASE_JSON_H_

#include <string>
#include <vector>

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

// What `to_json` makes of each element, as an array. Its users include <nlohmann/json.hpp>.
template <typename T, typename F>
auto JsonArray(const std::vector<T>& items, F to_json) {
  auto array = decltype(to_json(items.front()))::array();
  for (const T& item : items) array.push_back(to_json(item));
  return array;
}

// The same by each element's own ToJson.
template <typename T>
auto JsonArray(const std::vector<T>& items) {
  return JsonArray(items, [](const T& item) { return ToJson(item); });
}

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_JSON_H_
