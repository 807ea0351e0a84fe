#include "core/access/acl.h"

#include <algorithm>

namespace paddock::access {
namespace {

Ace MakeAce(AceType type, const Sid& sid, uint32_t mask, uint8_t flags) {
  Ace ace;
  ace.type = type;
  ace.flags = flags;
  ace.mask = mask;
  ace.sid = sid;
  return ace;
}

bool Denies(AceType type) {
  return type == AceType::kDeny || type == AceType::kDenyObject || type == AceType::kDenyCallback ||
         type == AceType::kDenyCallbackObject;
}

// 0: explicit deny, 1: explicit allow and others, 2: inherited.
int Rank(const Ace& ace) {
  if ((ace.flags & kInherited) != 0) return 2;
  return Denies(ace.type) ? 0 : 1;
}

}  // namespace

Ace AllowAce(const Sid& sid, uint32_t mask, uint8_t flags) { return MakeAce(AceType::kAllow, sid, mask, flags); }
Ace DenyAce(const Sid& sid, uint32_t mask, uint8_t flags) { return MakeAce(AceType::kDeny, sid, mask, flags); }
Ace LabelAce(uint32_t level, uint32_t policy, uint8_t flags) {
  return MakeAce(AceType::kMandatoryLabel, IntegritySid(level), policy, flags);
}

bool HasSid(AceType type) { return type != AceType::kAllowCompound && type <= AceType::kAccessFilter; }

bool IsObjectAce(AceType type) {
  return (type >= AceType::kAllowObject && type <= AceType::kAlarmObject) || type == AceType::kAllowCallbackObject ||
         type == AceType::kDenyCallbackObject || type == AceType::kAuditCallbackObject ||
         type == AceType::kAlarmCallbackObject;
}

bool IsCanonical(const Acl& acl) {
  return std::is_sorted(acl.aces.begin(), acl.aces.end(), [](const Ace& a, const Ace& b) { return Rank(a) < Rank(b); });
}

Acl Canonical(const Acl& acl) {
  Acl sorted = acl;
  std::stable_sort(sorted.aces.begin(), sorted.aces.end(),
                   [](const Ace& a, const Ace& b) { return Rank(a) < Rank(b); });
  return sorted;
}

}  // namespace paddock::access
