#include "core/access/restrict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/access/compose.h"
#include "core/access/mapping.h"
#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Restrict, NothingChangesNothing) { EXPECT_EQ(Restrict(ElevatedToken(), {}), ElevatedToken()); }

// Learn, "CreateRestrictedToken function", parameter by parameter.
TEST(Restrict, DenyOnlySids) {
  Restriction restriction;
  restriction.deny_only = {kUsers, kDeveloper, kOther};  // the last is not in the token, and ignored
  const Token token = Restrict(DeveloperToken(), restriction);
  EXPECT_TRUE(token.user_deny_only);
  EXPECT_FALSE(HasEnabled(token, kUsers));
  EXPECT_TRUE(HasForDeny(token, kUsers));
  EXPECT_FALSE(HasForDeny(token, kOther));
  EXPECT_TRUE(HasEnabled(token, kEveryone));
}

TEST(Restrict, Privileges) {
  Restriction restriction;
  restriction.delete_privileges = {Privilege::kDebug, Privilege::kTcb};
  EXPECT_FALSE(Restrict(ElevatedToken(), restriction).privileges.Has(Privilege::kDebug));
  EXPECT_TRUE(Restrict(ElevatedToken(), restriction).privileges.Has(Privilege::kBackup));
  restriction = {};
  restriction.disable_max_privilege = true;
  EXPECT_EQ(Restrict(ElevatedToken(), restriction).privileges, PrivilegeSet({Privilege::kChangeNotify}));
  EXPECT_THAT(PrivilegesPastChecks(Restrict(ElevatedToken(), restriction)), testing::IsEmpty());
  EXPECT_THAT(PrivilegesPastChecks(ElevatedToken()),
              ElementsAre(Privilege::kBackup, Privilege::kRestore, Privilege::kDebug));
}

TEST(Restrict, LuaTokenLeavesLevelAndOwner) {
  Restriction restriction;
  restriction.lua_token = true;
  const Token token = Restrict(ElevatedToken(), restriction);
  EXPECT_FALSE(HasEnabled(token, kAdministrators));
  EXPECT_TRUE(HasForDeny(token, kAdministrators));
  EXPECT_FALSE(HasEnabled(token, kLocalAdministratorAccount));
  EXPECT_TRUE(HasEnabled(token, kUsers));
  EXPECT_EQ(token.privileges, PrivilegeSet({Privilege::kChangeNotify, Privilege::kTimeZone}));
  EXPECT_EQ(token.integrity, kHighIntegrity);
  EXPECT_EQ(token.owner, kAdministrators);
}

TEST(Restrict, AdministrativeGroups) {
  for (const char* text : {"S-1-5-32-544", "S-1-5-32-551", "S-1-5-21-1-2-3-512", "S-1-5-21-1-2-3-519", "S-1-5-114"}) {
    EXPECT_TRUE(IsAdministrativeGroup(*Sid::Parse(text))) << text;
  }
  for (const char* text : {"S-1-5-32-545", "S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-4-512", "S-1-1-0", "S-1-16-544"}) {
    EXPECT_FALSE(IsAdministrativeGroup(*Sid::Parse(text))) << text;
  }
}

TEST(Restrict, TwiceIsTheIntersection) {
  Restriction first;
  first.restricting = {kRun, kEveryone};
  first.write_restricted = true;
  const Token once = Restrict(DeveloperToken(), first);
  EXPECT_THAT(*once.restricting, ElementsAre(kRun, kEveryone));
  EXPECT_TRUE(once.write_restricted);
  Restriction second;
  second.restricting = {kEveryone, kCapability};
  const Token twice = Restrict(once, second);
  EXPECT_THAT(*twice.restricting, ElementsAre(kEveryone));
  EXPECT_FALSE(twice.write_restricted);
  second.write_restricted = true;
  EXPECT_TRUE(Restrict(once, second).write_restricted);
  EXPECT_FALSE(Restrict(twice, second).write_restricted);  // reads stay restricted
  second.restricting = {kOther};
  EXPECT_THAT(*Restrict(once, second).restricting, testing::IsEmpty());
}

TEST(Restrict, ASidThatGoesTakesItsDenyEntriesAlong) {
  Restriction first;
  first.restricting = {kRun, kEveryone};
  Restriction second;
  second.restricting = {kEveryone};
  const char* text = "O:SYD:(D;;FA;;;S-1-5-21-900-21-22-23)(A;;FA;;;WD)";
  const Token once = Restrict(DeveloperToken(), first);
  EXPECT_EQ(Ask(once, text, kFileReadData).decision, Decision::kDenied);
  EXPECT_EQ(Ask(Restrict(once, second), text, kFileReadData).decision, Decision::kGranted);
}

TEST(ComposeRunToken, IsTheTokenOfARun) {
  const auto token = ComposeRunToken(ElevatedToken(), {{kCapability}, kRun, false});
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_THAT(*token->restricting, ElementsAre(kCapability, kRun, kLogon, kEveryone));
  EXPECT_TRUE(token->write_restricted);
  EXPECT_EQ(token->integrity, kMediumIntegrity);
  EXPECT_EQ(token->owner, kDeveloper);
  EXPECT_EQ(token->privileges, PrivilegeSet({Privilege::kChangeNotify}));
  EXPECT_FALSE(HasEnabled(*token, kAdministrators));
  EXPECT_THAT(token->default_dacl->aces,
              ElementsAre(AllowAce(kDeveloper, kGenericAll), AllowAce(kLocalSystem, kGenericAll),
                          AllowAce(kRun, kGenericAll), AllowAce(kLogon, kGenericRead | kGenericExecute)));
  Token low = DeveloperToken();
  low.integrity = kLowIntegrity;
  EXPECT_EQ(ComposeRunToken(low, {{}, kRun, false})->integrity, kLowIntegrity);
}

TEST(ComposeRunToken, RefusesWhatWouldUndoTheRestriction) {
  EXPECT_THAT(ComposeRunToken(DeveloperToken(), {{kDeveloper}, kRun, false}).status().message(),
              HasSubstr("random SID"));
  EXPECT_FALSE(ComposeRunToken(DeveloperToken(), {{}, kDeveloper, false}).ok());
  EXPECT_THAT(ComposeRunToken(DeveloperToken(), {{kCapability, kUsers}, kRun, false}).status().message(),
              HasSubstr("S-1-5-32-545 is a group"));
  EXPECT_FALSE(ComposeRunToken(DeveloperToken(), {{}, kLogon, false}).ok());
  EXPECT_TRUE(ComposeRunToken(DeveloperToken(), {{kCapability}, kRun, false}).ok());
  Token token = DeveloperToken();
  token.groups.pop_back();
  EXPECT_THAT(ComposeRunToken(token, {{kCapability}, kRun, false}).status().message(), HasSubstr("logon session"));
}

}  // namespace
}  // namespace paddock::access
