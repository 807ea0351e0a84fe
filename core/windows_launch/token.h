#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_TOKEN_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_TOKEN_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/access/token.h"
#include "core/platform/windows/unique_handle.h"
#include "core/windows_launch/record.h"
#include "core/windows_launch/symbols.h"

namespace paddock {

// This process's token, which is restricted, and whom it speaks for.
struct BaseToken {
  UniqueHandle token;
  access::Sid user;
  access::Sid logon;  // the logon session's
  std::vector<access::Group> groups;
};
absl::StatusOr<BaseToken> OpenBaseToken();

// This process's user with its groups, as the access check needs them; without privileges.
absl::StatusOr<access::Token> ReadUserToken();

// What a token is made into, symbols filled in.
struct TokenOrder {
  uint32_t flags = 0;                             // of CreateRestrictedToken
  std::vector<access::Sid> restricting;           // empty: the token is filtered alone
  uint32_t integrity = access::kMediumIntegrity;  // at most
  access::Sid owner;
  access::Acl default_dacl;
};

// A primary token as ordered. That the calls succeeded does not mean that the token is what was asked for.
absl::StatusOr<UniqueHandle> ComposeToken(const BaseToken& base, const TokenOrder& order, LaunchRecorder& recorder);

// OK if `token`, opened for TOKEN_QUERY, is what was ordered: restricting SIDs, TokenHasRestrictions, integrity, owner,
// default DACL, privileges. Else Unavailable, `readback_failed`, saying what differs.
absl::Status ReadBackToken(HANDLE token, const TokenOrder& order);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_TOKEN_H_
