#include "core/access/token.h"

#include <algorithm>
#include <array>

namespace paddock::access {

bool HasEnabled(const Token& token, const Sid& sid) {
  if (sid == token.user) return !token.user_deny_only;
  for (const Group& group : token.groups) {
    if (group.sid == sid && group.enabled && !group.deny_only) return true;
  }
  return false;
}

bool HasForDeny(const Token& token, const Sid& sid) {
  if (sid == token.user) return true;
  for (const Group& group : token.groups) {
    if (group.sid == sid && (group.enabled || group.deny_only)) return true;
  }
  return false;
}

bool HasRestricting(const Token& token, const Sid& sid) {
  return token.restricting &&
         std::find(token.restricting->begin(), token.restricting->end(), sid) != token.restricting->end();
}

bool HasPackage(const Token& token, const Sid& sid) {
  if (!token.package) return false;
  if (sid == *token.package || sid == kAllRestrictedApplicationPackages) return true;
  if (sid == kAllApplicationPackages) return !token.lpac;
  return std::find(token.capabilities.begin(), token.capabilities.end(), sid) != token.capabilities.end();
}

std::vector<Privilege> PrivilegesPastChecks(const Token& token) {
  static constexpr std::array<Privilege, 7> kPast = {
      Privilege::kTcb,   Privilege::kLoadDriver,   Privilege::kBackup,     Privilege::kRestore,
      Privilege::kDebug, Privilege::kManageVolume, Privilege::kImpersonate};
  std::vector<Privilege> held;
  for (const Privilege privilege : kPast) {
    if (token.privileges.Has(privilege)) held.push_back(privilege);
  }
  return held;
}

}  // namespace paddock::access
