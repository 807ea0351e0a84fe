#ifndef PADDOCK_CORE_ACCESS_TOKEN_H_
#define PADDOCK_CORE_ACCESS_TOKEN_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "core/access/acl.h"
#include "core/access/sid.h"

namespace paddock::access {

// Privileges, by the number of their LUID (Microsoft Learn, "Privilege Constants"; winnt.h). Those the library asks
// for, and those that CreateRestrictedToken's flags name.
enum class Privilege : uint8_t {
  kTcb = 7,
  kSecurity = 8,
  kTakeOwnership = 9,
  kLoadDriver = 10,
  kBackup = 17,
  kRestore = 18,
  kShutdown = 19,
  kDebug = 20,
  kChangeNotify = 23,
  kUndock = 25,
  kManageVolume = 28,
  kImpersonate = 29,
  kRelabel = 32,
  kIncreaseWorkingSet = 33,
  kTimeZone = 34,
  kCreateSymbolicLink = 35,
};

// The privileges a token holds. A process may enable any of them, so held is what counts when asking what it could do.
class PrivilegeSet {
 public:
  constexpr PrivilegeSet() = default;
  constexpr PrivilegeSet(std::initializer_list<Privilege> privileges) {
    for (const Privilege privilege : privileges) bits_ |= Bit(privilege);
  }
  constexpr bool Has(Privilege privilege) const { return (bits_ & Bit(privilege)) != 0; }
  constexpr void Remove(Privilege privilege) { bits_ &= ~Bit(privilege); }
  constexpr PrivilegeSet Intersect(PrivilegeSet other) const {
    other.bits_ &= bits_;
    return other;
  }
  constexpr bool operator==(const PrivilegeSet&) const = default;

 private:
  static constexpr uint64_t Bit(Privilege privilege) { return uint64_t{1} << static_cast<unsigned>(privilege); }
  uint64_t bits_ = 0;
};

// A group of a token. Neither enabled nor deny-only: the group matches nothing.
struct Group {
  Sid sid;
  bool enabled = true;
  bool deny_only = false;  // matches deny ACEs alone, whatever `enabled` says
  bool logon = false;      // the SID of the logon session, S-1-5-5-x-y

  bool operator==(const Group&) const = default;
};

// An access token as data (MS-DTYP 2.5.2), restricted or lowbox as the fields say.
struct Token {
  Sid user;
  bool user_deny_only = false;
  std::vector<Group> groups;
  Sid owner;          // who owns what the token creates: the user, or a group
  Sid primary_group;  // of what the token creates

  // Set: a restricted token, whose requests these SIDs have to be granted as well. An empty list grants nothing.
  std::optional<std::vector<Sid>> restricting;
  bool write_restricted = false;  // `restricting` is consulted for requests that write alone

  uint32_t integrity = kMediumIntegrity;
  bool no_write_up = true;  // TOKEN_MANDATORY_POLICY_NO_WRITE_UP; without it labels mean nothing to the token

  PrivilegeSet privileges;
  std::optional<Acl> default_dacl;  // of what the token creates where nothing is inherited

  // Set: a lowbox token (AppContainer). Each right has to be granted to one of these besides.
  std::optional<Sid> package;
  std::vector<Sid> capabilities;
  bool lpac = false;  // a less privileged AppContainer: ALL APPLICATION PACKAGES does not stand for it

  bool operator==(const Token&) const = default;
};

// Whether `sid` is the user or a group, such that an allow ACE for it counts.
bool HasEnabled(const Token& token, const Sid& sid);

// The same for a deny ACE: deny-only SIDs count.
bool HasForDeny(const Token& token, const Sid& sid);

// Whether `sid` is one of the restricting SIDs.
bool HasRestricting(const Token& token, const Sid& sid);

// Whether an allow ACE for `sid` counts for the lowbox token: its package, its capabilities, ALL APPLICATION PACKAGES
// unless less privileged, ALL RESTRICTED APPLICATION PACKAGES. False for other tokens.
bool HasPackage(const Token& token, const Sid& sid);

// Privileges of `token` that go past descriptors altogether and that Check() does not know of: backup, restore (opens
// with backup intent), debug (processes), TCB, driver loading, volume management, impersonation. A verdict about a
// token that holds one is a verdict about what the token does without using it.
std::vector<Privilege> PrivilegesPastChecks(const Token& token);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_TOKEN_H_
