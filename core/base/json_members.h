#ifndef PADDOCK_CORE_BASE_JSON_MEMBERS_H_
#define PADDOCK_CORE_BASE_JSON_MEMBERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/json.h"

namespace paddock {

// Reads one object of JSON: every member has to be there, of its type, and no other. InvalidArgument else.
class JsonMembers {
 public:
  // `json` and `what`, which begins the message of an error, outlive it.
  JsonMembers(const Json& json, size_t count, const char* what) : json_(json), count_(count), what_(what) {}

  absl::Status Check() const;
  absl::StatusOr<std::string> Text(const char* name) const;
  absl::StatusOr<std::vector<std::string>> Texts(const char* name) const;
  absl::StatusOr<std::map<std::string, std::string>> TextMap(const char* name) const;
  absl::StatusOr<uint64_t> Number(const char* name, uint64_t most) const;
  absl::StatusOr<std::optional<uint64_t>> NumberOrNull(const char* name, uint64_t most) const;
  absl::StatusOr<bool> Flag(const char* name) const;
  absl::StatusOr<const Json*> Object(const char* name) const;
  absl::StatusOr<const Json*> List(const char* name, size_t most) const;

 private:
  absl::Status Wrong(const char* name) const;

  const Json& json_;
  const size_t count_;
  const char* const what_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_JSON_MEMBERS_H_
