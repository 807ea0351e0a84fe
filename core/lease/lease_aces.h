#ifndef PADDOCK_CORE_LEASE_LEASE_ACES_H_
#define PADDOCK_CORE_LEASE_LEASE_ACES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/acl.h"
#include "core/access/security_descriptor.h"
#include "core/access/token.h"
#include "core/lease/acl_volume.h"
#include "core/lease/lease_plan.h"

// The entries of a lease as data: which stand on what, and how they come into a list and out of it. Pure.

namespace paddock {

// A change of the plan, found.
struct LeaseEntry {
  std::string path;                // as the plan spells it
  std::vector<std::string> names;  // from the root down; empty: the root
  access::Ace ace;
  bool directory = true;
  bool users = false;  // an entry of the user's SID
  bool if_children_grant_delete = false;
  bool cut_off = false;
};

// Path components of `path` below `root`; case of ASCII letters is ignored. InvalidArgument if it is not below it.
absl::StatusOr<std::vector<std::string>> NamesBelow(absl::string_view root, absl::string_view path);

// The changes of `root` with their symbols replaced. InvalidArgument for a change outside the root, an entry of any
// other SID, an entry of the user's that is not the one denial of deletion, and a root without an entry of its own.
// Entries of {group} stand in a root of their own (lease_group.h).
absl::StatusOr<std::vector<LeaseEntry>> ResolveChanges(const WritableRoot& root, const access::Sid& capability,
                                                       const access::Sid& user);

// What two plans have to agree in to share a lease, whatever their spelling of the root.
absl::StatusOr<std::string> ChangesText(const WritableRoot& root);

// The entries of the capability that `file` holds: `own` as they stand in the plan, and those that come down from its
// parent, which hold `parents`. In the inherited form; explicit where the list is protected from inheritance.
access::Acl EntriesOf(const access::Acl& parents, const std::vector<access::Ace>& own, bool directory,
                      bool is_protected);

// `dacl` with exactly `entries` of `sid`, which stand in canonical order: denials behind the leading denials, others
// before what is inherited, inherited ones before the other inherited. Entries of others keep their order, so that a
// list in canonical order stays in it, and one that is not means what it meant.
access::Acl WithEntries(const access::Acl& dacl, const access::Sid& sid, const access::Acl& entries);

// The same with a list that holds no entry of it any more.
access::Acl MergeEntries(access::Acl merged, const access::Acl& entries);

// `dacl` without the entries of `sid`; whatever else stands in it, in its order.
access::Acl WithoutSid(const access::Acl& dacl, const access::Sid& sid);

bool Holds(const access::Acl& dacl, const access::Ace& ace);

// Whether `user` may delete what has `descriptor` by DELETE on it alone, for certain.
bool GrantsDelete(const access::SecurityDescriptor& descriptor, const access::Token& user);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_ACES_H_
