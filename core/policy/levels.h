#ifndef PADDOCK_CORE_POLICY_LEVELS_H_
#define PADDOCK_CORE_POLICY_LEVELS_H_

#include <array>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "core/policy/path_entry.h"
#include "core/policy/policy.h"
#include "core/policy/schema.h"
#include "core/policy/spec.h"

// The parts of merge.h: levels laid over each other, and the comparisons that keep a repository and the administrator's
// ceiling. Internal to core/policy.

namespace paddock {

enum class Rank : uint8_t { kBuiltIn, kAdmin, kUser, kRepo, kFlags };

struct Slot {
  Setting setting;
  Rank rank = Rank::kBuiltIn;  // of the level that wrote it last
};

struct ExplicitLevel {
  Level level = 0;
  Rank rank = Rank::kBuiltIn;
  Origin origin;
};
using ExplicitLevels = std::map<Guarantee, ExplicitLevel>;

// What holds after some levels.
class Merged {
 public:
  const Slot* Find(Key key) const {
    const auto& slot = slots_[static_cast<size_t>(key)];
    return slot.has_value() ? &*slot : nullptr;
  }
  const Setting* FindSetting(Key key) const {
    const Slot* slot = Find(key);
    return slot == nullptr ? nullptr : &slot->setting;
  }
  const ExplicitLevels& explicit_levels() const { return explicit_; }

  // True if somebody else than the built-in profile wrote the key.
  bool Spelled(Key key) const {
    const Slot* slot = Find(key);
    return slot != nullptr && slot->rank != Rank::kBuiltIn;
  }

  // Lays `spec` over what is there. Does not ask whether it may: TightenCheck comes first.
  void Apply(PolicySpec spec, Rank rank);

  // Adds the denials of `bound` that a later list has left out.
  void AddDenials(const PolicySpec& bound);

  // The typed form. network.allow is left out unless the mode is brokered.
  Policy ToPolicy() const;

 private:
  Setting Laid(const KeyInfo& info, Setting setting, Rank rank) const;
  void PruneInherited(const Setting& scrub);

  std::array<std::optional<Slot>, kKeyCount> slots_;
  ExplicitLevels explicit_;
};

// "file:3", "--rw", "built-in:coding".
std::string OriginText(const Origin& origin);

// `setting` as it would be written, for messages.
std::string SettingText(const KeyInfo& info, const Setting& setting);

// The list of `setting` with "@inherited" replaced by the elements of `inherited`; no element twice.
std::vector<PathEntry> WithInherited(const std::vector<PathEntry>& list, const std::vector<PathEntry>& inherited);

// OK if a repository's `spec` only tightens `inherited`, whose requirements are `required`.
absl::Status CheckTightens(const PolicySpec& spec, const Merged& inherited, const std::vector<Requirement>& required,
                           const PathRoots& roots);

// OK if `final_state` is nowhere looser than what `bound`, the administrator's file laid over the profile, spells.
// `bound_requirements` and `requirements` are what follows from either.
absl::Status CheckCeiling(const Merged& bound, const Merged& final_state,
                          const std::vector<Requirement>& bound_requirements,
                          const std::vector<Requirement>& requirements, const PathRoots& roots);

// What is asked of each guarantee (docs/policy.md, "Guarantees").
std::vector<Requirement> DeriveRequirements(const Policy& policy, const Merged& merged, bool strict);

// True if a variable of this name can make a program inside load code, or redirect it.
bool IsInjectionVariable(absl::string_view name);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_LEVELS_H_
