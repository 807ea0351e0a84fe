#ifndef PADDOCK_CORE_ACCESS_RESTRICT_H_
#define PADDOCK_CORE_ACCESS_RESTRICT_H_

#include <vector>

#include "core/access/token.h"

namespace paddock::access {

// The arguments of CreateRestrictedToken (Microsoft Learn, "CreateRestrictedToken function").
struct Restriction {
  std::vector<Sid> deny_only;  // SIDs that the token does not have are ignored
  std::vector<Privilege> delete_privileges;
  std::vector<Sid> restricting;
  bool disable_max_privilege = false;  // all privileges go but SeChangeNotify
  bool lua_token = false;  // administrative groups become deny-only, all privileges go but a standard user's five
  bool write_restricted = false;
};

// `token` as CreateRestrictedToken gives it.
//   - restricting a restricted token leaves the SIDs that both lists hold. A deny entry for a SID that goes no longer
//     counts: in this way alone can a second restriction add access;
//   - `write_restricted` without restricting SIDs, here or in `token`, changes nothing;
//   - a token that was restricted for reads as well stays so, whatever `write_restricted` says;
//   - integrity level, owner and default DACL stay: LUA_TOKEN touches none of them.
Token Restrict(const Token& token, const Restriction& restriction);

// Whether LUA_TOKEN, and the filter of User Account Control, make `sid` deny-only.
bool IsAdministrativeGroup(const Sid& sid);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_RESTRICT_H_
