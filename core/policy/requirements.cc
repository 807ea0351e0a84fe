#include <algorithm>
#include <vector>

#include "core/policy/levels.h"

namespace paddock {
namespace {

struct Baseline {
  Workload workload;
  Guarantee guarantee;
  Level level;
};

// What a workload wants although no key of a policy says it. Always preferred.
constexpr Baseline kBaselines[] = {
    {Workload::kCoding, Guarantee::kTree, tree_level::kContained},
    {Workload::kCoding, Guarantee::kProcess, process_level::kIsolated},
    {Workload::kCoding, Guarantee::kUi, ui_level::kPrivateDesktop},
    {Workload::kCoding, Guarantee::kWorkspace, workspace_level::kLive},
    {Workload::kCoding, Guarantee::kHostChange, host_change_level::kLeased},
    {Workload::kComputerUse, Guarantee::kTree, tree_level::kContained},
    {Workload::kComputerUse, Guarantee::kProcess, process_level::kIsolated},
    {Workload::kComputerUse, Guarantee::kUi, ui_level::kSeparateMachine},
    {Workload::kPackagedApp, Guarantee::kTree, tree_level::kContained},
    {Workload::kPackagedApp, Guarantee::kProcess, process_level::kIsolated},
    {Workload::kLowIntegrity, Guarantee::kTree, tree_level::kContained},
};

// What the keys ask of one guarantee. `spelled` is the level that a file or flag spells out, `wanted` that of all keys;
// 0 is the weakest level, which asks nothing.
struct Asked {
  Level spelled = 0;
  Level wanted = 0;

  void Add(Level level, bool by_user, Level user_level) {
    wanted = std::max(wanted, level);
    if (by_user) {
      spelled = std::max(spelled, user_level);
      wanted = std::max(wanted, spelled);
    }
  }
};

Asked AskedWrite(const Policy& policy, const Merged& merged) {
  Asked asked;
  const bool spelled = merged.Spelled(Key::kWrite) || merged.Spelled(Key::kDenyWrite) || merged.Spelled(Key::kReadOnly);
  Level wanted = write_level::kConfined;
  if (policy.workload == Workload::kLowIntegrity) wanted = write_level::kScoped;  // what integrity levels can give
  if (policy.workload == Workload::kComputerUse && policy.filesystem.write.empty()) wanted = write_level::kDisposable;
  asked.Add(wanted, spelled, write_level::kConfined);
  return asked;
}

Asked AskedRead(const Policy& policy, const Merged& merged) {
  Asked asked;
  if (policy.filesystem.read == ReadMode::kMinimal) {
    asked.Add(read_level::kAllowlisted, merged.Spelled(Key::kRead), read_level::kAllowlisted);
  }
  if (!policy.filesystem.deny_read.empty()) {
    asked.Add(read_level::kMasked, merged.Spelled(Key::kDenyRead), read_level::kMasked);
  }
  return asked;
}

Asked AskedNetwork(const Policy& policy, const Merged& merged) {
  Asked asked;
  const bool spelled = merged.Spelled(Key::kNetworkMode);
  if (policy.network.mode == NetworkMode::kOff) asked.Add(network_level::kOff, spelled, network_level::kOff);
  if (policy.network.mode == NetworkMode::kBrokered)
    asked.Add(network_level::kBrokered, spelled, network_level::kBrokered);
  return asked;
}

// The wall clock and the output are held by Paddock itself, whatever the backend: they ask nothing of it. Whoever
// spells another one out wants it for the tree as a whole, and does not get less than a limit on each process; a
// profile's own limits are content with the latter.
Asked AskedLimits(const Policy& policy, const Merged& merged) {
  Asked asked;
  const auto add = [&](bool limited, Key key, Level wanted) {
    const bool spelled = merged.Spelled(key);
    if (limited) asked.Add(spelled ? wanted : limits_level::kPerProcess, spelled, limits_level::kPerProcess);
  };
  add(policy.limits.cpu.has_value(), Key::kCpu, limits_level::kTree);
  add(policy.limits.memory.has_value(), Key::kMemory, limits_level::kTree);
  add(policy.limits.processes.has_value(), Key::kProcesses, limits_level::kTree);
  add(policy.limits.file_size.has_value(), Key::kFileSize, limits_level::kPerProcess);
  return asked;
}

Asked AskedOf(Guarantee guarantee, const Policy& policy, const Merged& merged) {
  switch (guarantee) {
    case Guarantee::kWrite:
      return AskedWrite(policy, merged);
    case Guarantee::kRead:
      return AskedRead(policy, merged);
    case Guarantee::kNetwork:
      return AskedNetwork(policy, merged);
    case Guarantee::kLimits:
      return AskedLimits(policy, merged);
    default:
      break;
  }
  Asked asked;
  for (const Baseline& row : kBaselines) {
    if (row.workload == policy.workload && row.guarantee == guarantee) asked.Add(row.level, false, 0);
  }
  return asked;
}

}  // namespace

std::vector<Requirement> DeriveRequirements(const Policy& policy, const Merged& merged, bool strict) {
  std::vector<Requirement> requirements;
  for (const Guarantee guarantee : kAllGuarantees) {
    const Asked asked = AskedOf(guarantee, policy, merged);
    const auto spelled = merged.explicit_levels().find(guarantee);
    if (spelled != merged.explicit_levels().end()) {
      Level level = spelled->second.level;
      // A repository's word raises; it never stands in for what somebody else asked.
      if (spelled->second.rank == Rank::kRepo) level = std::max(level, strict ? asked.wanted : asked.spelled);
      requirements.push_back({guarantee, level, true});
    } else if (strict && asked.wanted > 0) {
      requirements.push_back({guarantee, asked.wanted, true});
    } else if (asked.spelled > 0) {
      requirements.push_back({guarantee, asked.spelled, true});
    } else if (asked.wanted > 0) {
      requirements.push_back({guarantee, asked.wanted, false});
    }
  }
  return requirements;
}

}  // namespace paddock
