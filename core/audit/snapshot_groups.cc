#include "core/audit/snapshot_groups.h"

namespace paddock::audit {

void GroupTable::Add(int32_t entry, Verdict verdict) {
  const auto at = [](int32_t index) { return static_cast<size_t>(index); };
  const int32_t parent = parents_[at(entry)];
  int32_t group = -1;
  if (parent >= 0 && group_of_[at(parent)] >= 0 && groups_[at(group_of_[at(parent)])].verdict == verdict) {
    group = group_of_[at(parent)];
  } else {
    for (int32_t above = parent; above >= 0 && group < 0; above = parents_[at(above)]) {
      const auto found = below_.find({above, verdict});
      if (found != below_.end()) group = found->second;
    }
    if (group < 0) {
      group = static_cast<int32_t>(groups_.size());
      groups_.push_back({verdict, parent, entry, 0, 0});
      if (parent >= 0) below_.emplace(Key{parent, verdict}, group);
    }
    ++groups_[at(group)].tops;
  }
  ++groups_[at(group)].count;
  group_of_[at(entry)] = group;
}

}  // namespace paddock::audit
