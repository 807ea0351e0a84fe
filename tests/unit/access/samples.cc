#include "tests/unit/access/samples.h"

#include <cstdio>
#include <cstdlib>

namespace paddock::access {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
  std::abort();
}

constexpr Sid kPool[] = {kEveryone,    kUsers,   kAdministrators,        kDeveloper, kOther, kLogon, kRun, kCapability,
                         kOwnerRights, kPackage, kAllApplicationPackages};
constexpr uint32_t kMasks[] = {kFileReadData,    kFileWriteData, kFileAppendData, kFileExecute,
                               kFileDeleteChild, kDelete,        kReadControl,    kWriteDac,
                               kWriteOwner,      kSynchronize,   kGenericRead,    kGenericWrite,
                               kGenericAll,      kFileAllAccess, kGenericExecute, 0x1301bf};

}  // namespace

Token DeveloperToken() {
  Token token;
  token.user = token.owner = kDeveloper;
  token.primary_group = kMachine.With(513);
  token.groups = {{kEveryone}, {kUsers}, {kInteractive}, {kAuthenticatedUsers}, {kLogon, true, false, true}};
  token.privileges = {Privilege::kChangeNotify, Privilege::kShutdown, Privilege::kUndock,
                      Privilege::kIncreaseWorkingSet, Privilege::kTimeZone};
  Acl dacl;
  dacl.aces = {AllowAce(kDeveloper, kGenericAll), AllowAce(kLocalSystem, kGenericAll),
               AllowAce(kLogon, kGenericRead | kGenericExecute)};
  token.default_dacl = dacl;
  return token;
}

Token ElevatedToken() {
  Token token = DeveloperToken();
  token.groups.push_back({kAdministrators});
  token.groups.push_back({kLocalAdministratorAccount});
  token.owner = kAdministrators;
  token.integrity = kHighIntegrity;
  token.privileges = {Privilege::kChangeNotify, Privilege::kSecurity, Privilege::kTakeOwnership, Privilege::kBackup,
                      Privilege::kRestore,      Privilege::kDebug,    Privilege::kTimeZone};
  return token;
}

Token RunToken() { return OrDie(ComposeRunToken(DeveloperToken(), {{kCapability}, kRun, false})); }

Token LowboxToken() {
  Token token = DeveloperToken();
  token.integrity = kLowIntegrity;
  token.package = kPackage;
  token.capabilities = {kInternet};
  return token;
}

SecurityDescriptor Sddl(absl::string_view text) {
  SddlDomains domains;
  domains.machine = kMachine;
  return OrDie(ParseSddl(text, domains));
}

Verdict Ask(const Token& token, absl::string_view sddl, uint32_t wanted, ObjectType type) {
  return Check(token, Sddl(sddl), wanted, MappingOf(type));
}

Sid RandomSid(Random& random) { return kPool[Below(random, std::size(kPool))]; }

uint32_t RandomMask(Random& random) {
  uint32_t mask = kMasks[Below(random, std::size(kMasks))];
  while (OneIn(random, 2)) mask |= kMasks[Below(random, std::size(kMasks))];
  return mask;
}

namespace {

Ace RandomAce(Random& random, bool plain) {
  Ace ace = AllowAce(RandomSid(random), RandomMask(random));
  if (OneIn(random, 3)) ace.type = AceType::kDeny;
  if (OneIn(random, 6)) ace.flags = kInheritOnly | kContainerInherit;
  if (OneIn(random, 6)) ace.flags = static_cast<uint8_t>(ace.flags | kInherited | kObjectInherit);
  if (plain || !OneIn(random, 4)) return ace;
  ace.type = static_cast<AceType>(Below(random, 0x18));
  if (OneIn(random, 2)) ace.type = OneIn(random, 2) ? AceType::kAllowCallback : AceType::kDenyCallback;
  if (IsObjectAce(ace.type)) ace.object_type = Guid{1, 2, 3};
  if (!HasSid(ace.type)) {
    ace.mask = 0;
    ace.sid = Sid();
    ace.data = "body";
  }
  return ace;
}

}  // namespace

SecurityDescriptor RandomDescriptor(Random& random, bool plain) {
  SecurityDescriptor descriptor;
  if (plain || !OneIn(random, 12)) descriptor.owner = RandomSid(random);
  descriptor.group = kUsers;
  if (OneIn(random, 20)) {
    descriptor.dacl_state = OneIn(random, 2) ? AclState::kNull : AclState::kAbsent;
  } else {
    Acl dacl;
    for (uint32_t count = Below(random, 7); count > 0; --count) dacl.aces.push_back(RandomAce(random, plain));
    for (const Ace& ace : dacl.aces) {
      if (IsObjectAce(ace.type)) dacl.revision = 4;
    }
    descriptor.set_dacl(dacl);
  }
  if (OneIn(random, 4)) {
    Acl sacl;
    sacl.aces.push_back(LabelAce(Below(random, 5) * 0x1000, 1 + Below(random, 7)));
    if (!plain && OneIn(random, 3)) {
      Ace trust = AllowAce(Sid(19, {512, 4096}), RandomMask(random));
      trust.type = AceType::kProcessTrustLabel;
      sacl.aces.push_back(trust);
    }
    descriptor.set_sacl(sacl);
  }
  return descriptor;
}

Token RandomToken(Random& random) {
  Token token;
  token.user = token.owner = OneIn(random, 2) ? kDeveloper : kOther;
  token.user_deny_only = OneIn(random, 10);
  token.primary_group = kUsers;
  for (uint32_t count = Below(random, 5); count > 0; --count) {
    token.groups.push_back({RandomSid(random), !OneIn(random, 6), OneIn(random, 6), false});
  }
  if (OneIn(random, 2)) {
    token.restricting.emplace();
    for (uint32_t count = Below(random, 4); count > 0; --count) token.restricting->push_back(RandomSid(random));
    token.write_restricted = OneIn(random, 2);
  }
  token.integrity = Below(random, 5) * 0x1000;
  token.no_write_up = !OneIn(random, 12);
  if (OneIn(random, 5)) token.privileges = {Privilege::kTakeOwnership};
  if (OneIn(random, 8)) token.privileges = {Privilege::kSecurity, Privilege::kRelabel};
  if (OneIn(random, 4)) {
    token.package = kPackage;
    token.lpac = OneIn(random, 2);
    if (OneIn(random, 2)) token.capabilities.push_back(kCapability);
  }
  return token;
}

}  // namespace paddock::access
