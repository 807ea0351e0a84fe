#ifndef PADDOCK_CORE_LEASE_LEASE_GROUP_H_
#define PADDOCK_CORE_LEASE_LEASE_GROUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/access/acl.h"
#include "core/lease/lease.h"
#include "core/lease/lease_plan.h"
#include "core/lease/lease_record.h"

// Entries of {group}, the dedicated users'. They carry no SID of a lease, which other runs of those users share, so
// that a root with such entries is two leases: one of the group, taken first, and one of its capability, whose denials
// then stand first. Of the first there is one at a time on a tree, whatever run holds it: entries for another policy
// would take its away.

namespace paddock {

inline constexpr absl::string_view kGroupSymbol = "{group}";

// The changes of `root` that are of the group, as a root of its own whose capability is kGroupSymbol; without changes
// if there is none. And all the others.
WritableRoot GroupRootOf(const WritableRoot& root);
WritableRoot OwnRootOf(const WritableRoot& root);

// Whether `sid` can be that of a local group: an account that somebody has made on some machine.
bool IsGroupSid(const access::Sid& sid);

// `dacl` without the entries of `group` that leases make. What `paddock setup` gives the group on directories of tools
// is of another kind, and stays.
access::Acl WithoutGroupEntries(const access::Acl& dacl, const access::Sid& group);

// Held while somebody looks whether there is room and stamps.
inline constexpr absl::string_view kGroupLock = "group.lock";

// Removes the other leases of groups on, above or below `root`. Unavailable `lease_group_entry`: a run holds one.
absl::Status MakeRoomForGroup(const LeaseHost& host, const std::string& name, const FilePlace& root, int threads,
                              LeaseReport* report);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_GROUP_H_
