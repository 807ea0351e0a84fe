#ifndef PADDOCK_CORE_POLICY_GUARANTEE_H_
#define PADDOCK_CORE_POLICY_GUARANTEE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/json.h"

// What a sandbox promises, in nine independent dimensions, each with ordered levels. A backend states the level it
// reaches on a host; a request states the lowest it accepts. docs/policy.md explains each level.

namespace paddock {

enum class Guarantee : uint8_t {
  kWrite,
  kRead,
  kNetwork,
  kTree,
  kProcess,
  kUi,
  kLimits,
  kWorkspace,
  kHostChange,
};
inline constexpr size_t kGuaranteeCount = 9;
inline constexpr std::array<Guarantee, kGuaranteeCount> kAllGuarantees = {
    Guarantee::kWrite, Guarantee::kRead,   Guarantee::kNetwork,   Guarantee::kTree,      Guarantee::kProcess,
    Guarantee::kUi,    Guarantee::kLimits, Guarantee::kWorkspace, Guarantee::kHostChange};

// Levels are ranks from 0, weakest first; they compare only within one guarantee.
using Level = uint8_t;

namespace write_level {
inline constexpr Level kNone = 0, kModifyScoped = 1, kScoped = 2, kConfined = 3, kDisposable = 4;
}
namespace read_level {
inline constexpr Level kNone = 0, kMasked = 1, kAllowlisted = 2;
}
namespace network_level {
inline constexpr Level kOpen = 0, kAdvisory = 1, kFiltered = 2, kBrokered = 3, kOff = 4;
}
namespace tree_level {
inline constexpr Level kInherited = 0, kContained = 1;
}
namespace process_level {
inline constexpr Level kShared = 0, kIsolated = 1;
}
namespace ui_level {
inline constexpr Level kShared = 0, kPrivateDesktop = 1, kSeparateMachine = 2;
}
namespace limits_level {
inline constexpr Level kNone = 0, kPerProcess = 1, kTree = 2;
}
namespace workspace_level {
inline constexpr Level kNone = 0, kCopy = 1, kMapped = 2, kLive = 3;
}
namespace host_change_level {
inline constexpr Level kPermanent = 0, kRecorded = 1, kLeased = 2, kNone = 3;
}

// "write", "host_change", ...
absl::string_view GuaranteeName(Guarantee guarantee);
std::optional<Guarantee> ParseGuarantee(absl::string_view name);

// "confined", "modify-scoped", ...; `level` must be below LevelCount(guarantee).
absl::string_view LevelName(Guarantee guarantee, Level level);
std::optional<Level> ParseLevel(Guarantee guarantee, absl::string_view name);
size_t LevelCount(Guarantee guarantee);

// A level for each guarantee; starts at the weakest of all.
class GuaranteeLevels {
 public:
  Level operator[](Guarantee guarantee) const { return levels_[static_cast<size_t>(guarantee)]; }
  void Set(Guarantee guarantee, Level level) { levels_[static_cast<size_t>(guarantee)] = level; }
  friend bool operator==(const GuaranteeLevels&, const GuaranteeLevels&) = default;

 private:
  std::array<Level, kGuaranteeCount> levels_{};
};

// What a request asks of one guarantee. A required level that is not reached is an error before anything runs; a
// preferred one that is not reached is told in the report.
struct Requirement {
  Guarantee guarantee = Guarantee::kWrite;
  Level level = 0;
  bool required = false;
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

// {"write": "confined", ...}: a member for each guarantee.
Json ToJson(const GuaranteeLevels& levels);
// {"guarantee", "level", "required"}.
Json ToJson(const Requirement& requirement);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_GUARANTEE_H_
