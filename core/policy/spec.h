#ifndef PADDOCK_CORE_POLICY_SPEC_H_
#define PADDOCK_CORE_POLICY_SPEC_H_

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/policy/policy.h"

// What one file, one built-in profile or one command line says: every key optional, each with where it was written.
// Specs become a Policy in merge.h. The keys themselves are a table, in schema.h.

namespace paddock {

enum class Key : uint8_t {
  kExtends,
  kStrict,
  kWorkload,
  kCommandOs,
  kCapabilities,
  kWrite,
  kDenyWrite,
  kReadOnly,
  kRead,
  kDenyRead,
  kTmp,
  kHome,
  kNetworkMode,
  kNetworkAllow,
  kUnixSockets,
  kInherit,
  kScrub,
  kSet,
  kWall,
  kCpu,
  kMemory,
  kProcesses,
  kOutput,
  kFileSize,
  kRequire,
  kPrefer,
  kBackendAllow,
  kWslDistribution,
  kBackendForced,  // the command line's alone: --backend
};
inline constexpr size_t kKeyCount = 29;

// A limit written as "none": lifted.
inline constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// The element of a list that stands for the list as it was before this file.
inline constexpr absl::string_view kInherited = "@inherited";

// The value of one key. Which member holds it depends on the key's type (schema.h); the others stay as they are here.
struct Setting {
  Origin origin;
  bool flag = false;
  size_t choice = 0;                     // the enum's value, or the index into KeyInfo::values
  uint64_t number = 0;                   // milliseconds, bytes or a count; kNoLimit
  std::vector<PathEntry> list;           // any list; each element with its own origin
  std::map<std::string, PathEntry> map;  // environment.set: name -> value; require: guarantee -> level
  friend bool operator==(const Setting&, const Setting&) = default;
};

class PolicySpec {
 public:
  // Nullptr if the key was not written.
  const Setting* Find(Key key) const {
    const auto& slot = settings_[static_cast<size_t>(key)];
    return slot.has_value() ? &*slot : nullptr;
  }
  // Takes the setting out, so that a list can grow without a copy; an empty one if the key was not written.
  Setting Take(Key key) {
    auto& slot = settings_[static_cast<size_t>(key)];
    return slot.has_value() ? std::move(*slot) : Setting();
  }
  void Set(Key key, Setting setting) { settings_[static_cast<size_t>(key)] = std::move(setting); }
  bool empty() const;

 private:
  std::array<std::optional<Setting>, kKeyCount> settings_;
};

// Writes one flag into `spec`, checked exactly as the same key of a file would be. A list key takes one more element, a
// table one more entry ("NAME=VALUE", "write=confined"), any other key is replaced. `flag` ("--rw") becomes the origin
// and begins the message of an error. Relative paths are relative to the workspace, as in a file: a caller that wants
// them relative to the current directory makes them absolute first.
absl::Status SetFlag(PolicySpec* spec, Key key, absl::string_view text, absl::string_view flag);

// --net off | open | allow=HOST[:PORT],...
absl::Status SetNetFlag(PolicySpec* spec, absl::string_view text, absl::string_view flag);

// --env NAME (inherit it) or NAME=VALUE (set it).
absl::Status SetEnvFlag(PolicySpec* spec, absl::string_view text, absl::string_view flag);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_SPEC_H_
