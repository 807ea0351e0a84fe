#include "core/access/compose.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/access/mapping.h"
#include "core/access/restrict.h"

namespace paddock::access {
namespace {

// SYNCHRONIZE and PROCESS_QUERY_LIMITED_INFORMATION.
constexpr uint32_t kWaitForProcess = 0x101000;

const Sid* LogonSid(const Token& token) {
  for (const Group& group : token.groups) {
    if (group.logon) return &group.sid;
  }
  return nullptr;
}

absl::Status CheckSpec(const Token& base, const RunTokenSpec& spec) {
  if (LogonSid(base) == nullptr) {
    return absl::InvalidArgumentError(
        "the token has no group marked as the logon session's, so the run could open no window station or desktop; "
        "give the token as GetTokenInformation(TokenGroups) lists it");
  }
  const bool grants_user = spec.run == base.user || std::find(spec.capabilities.begin(), spec.capabilities.end(),
                                                              base.user) != spec.capabilities.end();
  if (grants_user) {
    return absl::InvalidArgumentError(
        absl::StrCat(base.user.ToString(),
                     " is the user's own SID: as a capability, or as the run's SID, it would let the "
                     "run change whatever the user may; use a random SID"));
  }
  for (const Group& group : base.groups) {
    if (group.sid != spec.run &&
        std::find(spec.capabilities.begin(), spec.capabilities.end(), group.sid) == spec.capabilities.end())
      continue;
    return absl::InvalidArgumentError(
        absl::StrCat(group.sid.ToString(),
                     " is a group of the token: as a capability, or as the run's SID, it would let the run change "
                     "whatever that group may; use a random SID"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Token> ComposeRunToken(const Token& base, const RunTokenSpec& spec) {
  if (const absl::Status checked = CheckSpec(base, spec); !checked.ok()) return checked;
  const Sid logon = *LogonSid(base);
  Restriction restriction;
  restriction.disable_max_privilege = true;
  restriction.lua_token = true;
  restriction.write_restricted = true;
  restriction.restricting = spec.capabilities;
  restriction.restricting.insert(restriction.restricting.end(), {spec.run, logon, kEveryone});
  if (spec.dedicated_user) restriction.restricting.push_back(base.user);

  Token token = Restrict(base, restriction);
  token.integrity = std::min(token.integrity, kMediumIntegrity);
  token.owner = token.user;
  Acl dacl;
  dacl.aces = {AllowAce(token.user, kGenericAll), AllowAce(kLocalSystem, kGenericAll), AllowAce(spec.run, kGenericAll),
               AllowAce(logon, kGenericRead | kGenericExecute)};
  if (spec.developer.has_value()) dacl.aces.push_back(AllowAce(*spec.developer, kWaitForProcess));
  token.default_dacl = dacl;
  return token;
}

}  // namespace paddock::access
