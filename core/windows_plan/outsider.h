#ifndef PADDOCK_CORE_WINDOWS_PLAN_OUTSIDER_H_
#define PADDOCK_CORE_WINDOWS_PLAN_OUTSIDER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "core/host/fact.h"
#include "core/host/facts.h"

namespace paddock {

// Whether an account of Paddock's set-up is kept from reading something, by the access-check evaluator (core/access):
// from a file's content, from a directory's list of names, and from giving itself either (WRITE_DAC, WRITE_OWNER, and
// being the owner).
//
// Of the account nothing is taken for granted but that it is neither the developer nor an administrator, and that it
// has signed in interactively. A SID of an account or group that may be the account's, or hold it, counts as its own
// where it is granted something, and as somebody else's where it is denied something.
struct OutsiderReads {
  Tri kept_out = Tri::kUnknown;
  std::string why;  // the entry that opens it, what is not known, or what was judged
};

// `developer` is the user's SID, as text. `denied`: an entry that denies the accounts' group everything stands first in
// each list, as a plan puts it into a grant.
OutsiderReads JudgeOutsider(const DescriptorFacts& access, absl::string_view developer, bool denied);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_PLAN_OUTSIDER_H_
