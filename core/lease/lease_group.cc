#include "core/lease/lease_group.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_aces.h"
#include "core/lease/lease_collect.h"
#include "core/lease/lease_store.h"

namespace paddock {
namespace {

// What plans give to the group and take from it, by type and mask.
struct GroupEntry {
  access::AceType type;
  uint32_t mask;
};
constexpr GroupEntry kGroupEntries[] = {
    {access::AceType::kAllow, 0x1301bf},  // a tree
    {access::AceType::kAllow, 0x1201bf},  // a file by itself
    {access::AceType::kDeny, 0x40},       // deletion by way of the directory
    {access::AceType::kDeny, 0x1f01ff},   // what is hidden
};

// The first account that somebody has made has this relative identifier.
constexpr uint32_t kFirstAccount = 1000;

bool IsGroups(const AceChange& change) { return absl::StrContains(change.ace, kGroupSymbol); }

WritableRoot Filtered(const WritableRoot& root, bool groups) {
  WritableRoot filtered;
  filtered.path = root.path;
  std::copy_if(root.changes.begin(), root.changes.end(), std::back_inserter(filtered.changes),
               [groups](const AceChange& change) { return IsGroups(change) == groups; });
  return filtered;
}

bool Overlap(const FilePlace& a, const FilePlace& b) {
  return a.key == b.key || NamesBelow(a.path, b.path).ok() || NamesBelow(b.path, a.path).ok();
}

}  // namespace

WritableRoot GroupRootOf(const WritableRoot& root) {
  WritableRoot group = Filtered(root, true);
  group.capability = std::string(kGroupSymbol);
  return group;
}

WritableRoot OwnRootOf(const WritableRoot& root) {
  WritableRoot own = Filtered(root, false);
  own.capability = root.capability;
  own.absent = root.absent;
  return own;
}

bool IsGroupSid(const access::Sid& sid) {
  return sid.authority() == 5 && sid.size() == 5 && sid[0] == 21 && sid[4] >= kFirstAccount && !IsLeaseSid(sid);
}

access::Acl WithoutGroupEntries(const access::Acl& dacl, const access::Sid& group) {
  const auto is_ours = [&](const access::Ace& ace) {
    return access::HasSid(ace.type) && ace.sid == group &&
           std::any_of(std::begin(kGroupEntries), std::end(kGroupEntries),
                       [&](const GroupEntry& row) { return row.type == ace.type && row.mask == ace.mask; });
  };
  access::Acl left;
  left.revision = dacl.revision;
  std::copy_if(dacl.aces.begin(), dacl.aces.end(), std::back_inserter(left.aces),
               [&](const access::Ace& ace) { return !is_ours(ace); });
  return left;
}

absl::Status MakeRoomForGroup(const LeaseHost& host, const std::string& name, const FilePlace& root, int threads,
                              LeaseReport* report) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, host.state.List());
  for (const std::string& other : names) {
    if (!IsLeaseRecordName(other) || other == name) continue;
    ASSIGN_OR_RETURN(const std::optional<LeaseRecord> record, ReadLeaseRecord(host, other, nullptr));
    if (!record || !record->group || !Overlap(record->root, root)) continue;
    ASSIGN_OR_RETURN(const CollectOutcome outcome,
                     CollectLease(host, other, threads, "it appeared while a run lasted that has ended", report));
    if (outcome == CollectOutcome::kRemoved || outcome == CollectOutcome::kNothing) continue;
    return ReasonError(
        absl::StatusCode::kUnavailable, "lease_group_entry",
        absl::StrCat(record->root.path, outcome == CollectOutcome::kLive
                                            ? " is held by a run of another policy"
                                            : " holds entries of another policy that cannot be removed"));
  }
  return absl::OkStatus();
}

}  // namespace paddock
