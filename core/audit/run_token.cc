#include "core/audit/run_token.h"

#include <algorithm>
#include <utility>

#include "core/access/compose.h"
#include "core/access/restrict.h"
#include "core/base/status_macros.h"

namespace paddock::audit {
namespace {

using access::Sid;

// SIDs that no descriptor names: subauthorities of 0 are never handed out.
constexpr Sid kSomeLogon(5, {5, 0, 0});
constexpr Sid kSomeCapability(5, {21, 0, 0, 0, 1});
constexpr Sid kSomeRun(5, {21, 0, 0, 0, 2});
constexpr Sid kSomePackage(15, {2, 0, 0, 0, 0, 0, 0, 0});

access::Token Base(const SnapshotAccount& account) {
  access::Token token;
  token.user = token.owner = account.user;
  token.groups = account.groups;
  token.integrity = account.integrity;
  token.privileges = {access::Privilege::kChangeNotify};
  const auto has = [&](auto matches) { return std::any_of(token.groups.begin(), token.groups.end(), matches); };
  if (!has([](const access::Group& group) { return group.sid == access::kEveryone; })) {
    token.groups.push_back({access::kEveryone, true, false, false});
  }
  if (!has([](const access::Group& group) { return group.logon; })) {
    token.groups.push_back({kSomeLogon, true, false, true});
  }
  token.primary_group = token.groups.front().sid;
  return token;
}

// Without administrative groups and privileges: what the backends make of a token before anything else.
access::Token Ordinary(const access::Token& base) {
  access::Restriction restriction;
  restriction.disable_max_privilege = restriction.lua_token = true;
  return access::Restrict(base, restriction);
}

}  // namespace

absl::string_view Name(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWindowsToken:
      return "windows_token";
    case TokenKind::kAppContainer:
      return "appcontainer";
    case TokenKind::kLpac:
      return "lpac";
    case TokenKind::kLowIntegrity:
      return "low_integrity";
  }
  return "";
}

absl::StatusOr<RunToken> MakeRunToken(const SnapshotAccount& account, TokenKind kind,
                                      const std::vector<Sid>& capabilities) {
  RunToken made;
  made.kind = kind;
  made.named = capabilities;
  const access::Token base = Base(account);
  if (kind == TokenKind::kWindowsToken) {
    if (made.named.empty()) made.named.push_back(kSomeCapability);
    ASSIGN_OR_RETURN(made.token, access::ComposeRunToken(base, {made.named, kSomeRun, false}));
    made.named.push_back(kSomeRun);
    return made;
  }
  made.token = Ordinary(base);
  made.token.integrity = std::min(made.token.integrity, access::kLowIntegrity);
  if (kind == TokenKind::kLowIntegrity) return made;
  made.token.package = kSomePackage;
  made.token.capabilities = capabilities;
  made.token.lpac = kind == TokenKind::kLpac;
  made.named.push_back(kSomePackage);
  return made;
}

std::vector<access::Group> OrdinaryGroups() {
  // Microsoft Learn, "Well-known SIDs": LOCAL, This Organization, Local account.
  constexpr Sid kLocal(2, {0}), kThisOrganization(5, {15}), kLocalAccount(5, {113});
  std::vector<access::Group> groups;
  for (const Sid& sid : {access::kUsers, access::kEveryone, access::kInteractive, access::kAuthenticatedUsers, kLocal,
                         kThisOrganization, kLocalAccount}) {
    groups.push_back({sid, true, false, false});
  }
  return groups;
}

}  // namespace paddock::audit
