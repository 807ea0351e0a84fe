#ifndef PADDOCK_CORE_AUDIT_RUN_TOKEN_H_
#define PADDOCK_CORE_AUDIT_RUN_TOKEN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/token.h"
#include "core/audit/snapshot.h"

namespace paddock::audit {

// Whose access is asked about.
enum class TokenKind : uint8_t {
  kWindowsToken,  // write-restricted: capabilities of the roots, run, logon session, Everyone
  kAppContainer,
  kLpac,  // a less privileged AppContainer
  kLowIntegrity,
};
absl::string_view Name(TokenKind kind);  // "windows_token", "appcontainer", "lpac", "low_integrity"

struct RunToken {
  TokenKind kind = TokenKind::kWindowsToken;
  access::Token token;
  std::vector<access::Sid> named;  // what of it stands for grants: capabilities, the run, the package
};

// The token that a run would get from `account`. `capabilities` are the SIDs that earlier runs have put into the
// descriptors of their grants; without any, the run's are taken to be new, so that no descriptor names them. Where the
// account has no logon SID, one that no descriptor names stands for it; Everyone is in every token. InvalidArgument as
// access::ComposeRunToken says.
absl::StatusOr<RunToken> MakeRunToken(const SnapshotAccount& account, TokenKind kind,
                                      const std::vector<access::Sid>& capabilities);

// The groups that an ordinary user's interactive token has on every Windows, for sources that do not have the user's
// own.
std::vector<access::Group> OrdinaryGroups();

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_RUN_TOKEN_H_
