#include "core/access/restrict.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace paddock::access {
namespace {

bool Contains(const std::vector<Sid>& sids, const Sid& sid) {
  return std::find(sids.begin(), sids.end(), sid) != sids.end();
}

// Windows Internals, 7th edition, part 1, chapter 7, "User Account Control and virtualization": RIDs of groups of the
// builtin domain and of account domains that a filtered administrator token holds for denial alone.
constexpr std::array<uint32_t, 10> kBuiltinRids = {544, 547, 548, 549, 550, 551, 553, 554, 556, 569};
constexpr std::array<uint32_t, 8> kDomainRids = {498, 512, 516, 517, 518, 519, 520, 521};

constexpr PrivilegeSet kStandardUserPrivileges = {Privilege::kChangeNotify, Privilege::kShutdown, Privilege::kUndock,
                                                  Privilege::kIncreaseWorkingSet, Privilege::kTimeZone};

template <size_t kCount>
bool OneOf(const std::array<uint32_t, kCount>& rids, uint32_t rid) {
  return std::find(rids.begin(), rids.end(), rid) != rids.end();
}

void MakeDenyOnly(const Restriction& restriction, Token* token) {
  const auto denied = [&](const Sid& sid) {
    return Contains(restriction.deny_only, sid) || (restriction.lua_token && IsAdministrativeGroup(sid));
  };
  if (denied(token->user)) token->user_deny_only = true;
  for (Group& group : token->groups) {
    if (!denied(group.sid)) continue;
    group.deny_only = true;
    group.enabled = false;
  }
}

void AddRestricting(const Restriction& restriction, Token* token) {
  if (restriction.restricting.empty()) return;
  if (!token->restricting) {
    token->restricting = restriction.restricting;
    token->write_restricted = restriction.write_restricted;
    return;
  }
  std::vector<Sid> both;
  for (const Sid& sid : *token->restricting) {
    if (Contains(restriction.restricting, sid)) both.push_back(sid);
  }
  token->restricting = std::move(both);
  token->write_restricted = token->write_restricted && restriction.write_restricted;
}

}  // namespace

bool IsAdministrativeGroup(const Sid& sid) {
  if (sid == kLocalAdministratorAccount) return true;
  if (sid.authority() != 5) return false;
  if (sid.size() == 2 && sid[0] == 32) return OneOf(kBuiltinRids, sid.rid());
  return sid.size() == 5 && sid[0] == 21 && OneOf(kDomainRids, sid.rid());
}

Token Restrict(const Token& token, const Restriction& restriction) {
  Token restricted = token;
  MakeDenyOnly(restriction, &restricted);
  AddRestricting(restriction, &restricted);
  for (const Privilege privilege : restriction.delete_privileges) restricted.privileges.Remove(privilege);
  if (restriction.lua_token) restricted.privileges = restricted.privileges.Intersect(kStandardUserPrivileges);
  if (restriction.disable_max_privilege) {
    restricted.privileges = restricted.privileges.Intersect({Privilege::kChangeNotify});
  }
  return restricted;
}

}  // namespace paddock::access
