#include "core/base/json.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

constexpr int kMaxDepth = 64;

// Refuses what the DOM builder would recurse into without a bound, and keeps the parser's message, which names line and
// column.
class DepthLimiter {
 public:
  bool operator()(int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) too_deep_ = true;
    return !too_deep_;
  }
  bool too_deep() const { return too_deep_; }

 private:
  bool too_deep_ = false;
};

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view source, size_t max_bytes) {
  if (text.size() > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(source, ": ", text.size(), " bytes of JSON; at most ", max_bytes, " are read"));
  }
  DepthLimiter limiter;
  try {
    Json json = Json::parse(text.begin(), text.end(), [&](int depth, Json::parse_event_t event, Json& value) {
      return limiter(depth, event, value);
    });
    if (limiter.too_deep()) {
      return absl::InvalidArgumentError(absl::StrCat(source, ": nested deeper than ", kMaxDepth, " levels"));
    }
    return json;
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(source, ": ", error.what()));
  }
}

std::string DumpJson(const Json& json) {
  return absl::StrCat(json.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

}  // namespace paddock
