#include "core/windows_plan/outsider.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/access/check.h"
#include "core/access/inherit.h"
#include "core/access/restrict.h"
#include "core/access/sddl.h"

namespace paddock {
namespace {

using access::SecurityDescriptor;
using access::Sid;

// Subauthorities of 0 are never handed out: no descriptor names these.
constexpr Sid kSomeAccount(5, {21, 0, 0, 0, 1}), kSomeGroup(5, {21, 0, 0, 0, 2}), kSomeLogon(5, {5, 0, 0});

// What makes content readable, at once or by one more step. Executing maps a file into memory, where it is read.
constexpr uint32_t kReading = access::kFileReadData | access::kFileExecute | access::kWriteDac | access::kWriteOwner;

const access::GenericMapping& Files() { return access::MappingOf(access::ObjectType::kFile); }

// In the token of every local account that has signed in interactively (Microsoft Learn, "Well-known SIDs"): LOCAL,
// CONSOLE LOGON, This Organization, Local account, NTLM Authentication, and those with names of their own.
const std::vector<Sid>& GroupsOfEveryAccount() {
  static const std::vector<Sid> kGroups = {
      access::kEveryone, access::kUsers, access::kInteractive, access::kAuthenticatedUsers, Sid(2, {0}), Sid(2, {1}),
      Sid(5, {15}),      Sid(5, {113}),  Sid(5, {64, 10})};
  return kGroups;
}

// In no such token: the system's own accounts, services, other kinds of logon, placeholders, packages and their
// capabilities. LUA_TOKEN takes away what an administrative group would give.
bool IsNeverTheirs(const Sid& sid) {
  constexpr Sid kNever[] = {
      access::kLocalSystem,  Sid(5, {19}),          Sid(5, {20}),  // LOCAL SERVICE, NETWORK SERVICE
      Sid(5, {2}),           Sid(5, {3}),           Sid(5, {6}),
      Sid(5, {7}),  // NETWORK, BATCH, SERVICE, ANONYMOUS LOGON
      access::kCreatorOwner, access::kCreatorGroup, access::kOwnerRights};
  const bool service = sid.authority() == 5 && sid.size() > 1 && sid[0] == 80;
  return service || sid.authority() == 15 || access::IsAdministrativeGroup(sid) ||
         std::find(std::begin(kNever), std::end(kNever), sid) != std::end(kNever);
}

bool IsAlwaysTheirs(const Sid& sid) {
  const std::vector<Sid>& groups = GroupsOfEveryAccount();
  return sid == kSomeGroup || std::find(groups.begin(), groups.end(), sid) != groups.end();
}

access::Token Account(const std::vector<Sid>& others) {
  access::Token token;
  token.user = token.owner = token.primary_group = kSomeAccount;
  token.groups = {{kSomeGroup}, {kSomeLogon, true, false, true}};
  for (const Sid& sid : GroupsOfEveryAccount()) token.groups.push_back({sid});
  for (const Sid& sid : others) token.groups.push_back({sid});
  token.privileges = {access::Privilege::kChangeNotify};
  access::Restriction restriction;
  restriction.disable_max_privilege = restriction.lua_token = true;
  return access::Restrict(token, restriction);
}

// SIDs of `descriptor` that the account may have, and is not known to have.
std::vector<Sid> PerhapsTheirs(const SecurityDescriptor& descriptor, const std::optional<Sid>& developer) {
  std::vector<Sid> sids;
  const auto add = [&](const Sid& sid) {
    if (sid != developer && !IsNeverTheirs(sid) && !IsAlwaysTheirs(sid)) sids.push_back(sid);
  };
  if (descriptor.owner.has_value()) add(*descriptor.owner);
  for (const access::Ace& ace : descriptor.dacl.aces) {
    if (access::HasSid(ace.type)) add(ace.sid);
  }
  return sids;
}

SecurityDescriptor WithDenial(SecurityDescriptor descriptor) {
  if (descriptor.dacl_state != access::AclState::kPresent) descriptor.set_dacl({});
  descriptor.dacl.aces.insert(descriptor.dacl.aces.begin(), access::DenyAce(kSomeGroup, access::kFileAllAccess));
  return descriptor;
}

// Entries that deny something to whoever may be somebody else keep nobody out.
SecurityDescriptor WithoutUncertainDenials(SecurityDescriptor descriptor) {
  std::erase_if(descriptor.dacl.aces, [](const access::Ace& ace) {
    const bool denial = ace.type == access::AceType::kDeny || ace.type == access::AceType::kDenyObject ||
                        ace.type == access::AceType::kDenyCallback || ace.type == access::AceType::kDenyCallbackObject;
    return denial && !(ace.type == access::AceType::kDeny && IsAlwaysTheirs(ace.sid));
  });
  return descriptor;
}

OutsiderReads JudgeOne(const SecurityDescriptor& descriptor, const std::optional<Sid>& developer) {
  const SecurityDescriptor judged = WithoutUncertainDenials(descriptor);
  const access::Token surely = Account({});
  if (const uint32_t granted = access::MaximumAllowed(surely, judged, Files()).granted & kReading; granted != 0) {
    return {Tri::kNo, access::Describe(access::Check(surely, judged, granted, Files()), judged)};
  }
  const access::Token perhaps = Account(PerhapsTheirs(judged, developer));
  if (const uint32_t possible = access::MaximumAllowed(perhaps, judged, Files()).possible & kReading; possible != 0) {
    return {Tri::kUnknown, absl::StrCat("whether the dedicated users are, or belong to, whom it lets in: ",
                                        access::Describe(access::Check(perhaps, judged, possible, Files()), judged))};
  }
  return {Tri::kYes, ""};
}

// What the developer makes in `parent` without a list of its own.
std::vector<SecurityDescriptor> ChildrenOf(const SecurityDescriptor& parent, const Sid& developer) {
  access::Token token;
  token.user = token.owner = token.primary_group = developer;
  access::Acl own;
  own.aces = {access::AllowAce(developer, access::kGenericAll),
              access::AllowAce(access::kLocalSystem, access::kGenericAll)};
  token.default_dacl = own;
  return {access::NewChild(parent, token, /*container=*/true, Files()),
          access::NewChild(parent, token, /*container=*/false, Files())};
}

OutsiderReads Unknown(absl::string_view why) { return {Tri::kUnknown, std::string(why)}; }

}  // namespace

OutsiderReads JudgeOutsider(const DescriptorFacts& access, absl::string_view developer, bool denied) {
  if (!access.problem.empty()) return Unknown(access.problem);
  if (access.descriptors.empty()) return Unknown("nobody has read its list of access");
  std::optional<Sid> user;
  if (const auto parsed = Sid::Parse(developer); parsed.ok()) user = *parsed;
  if (!user.has_value() && !access.above.empty()) return Unknown("the user's own SID is not known");
  const size_t lists = access.descriptors.size();
  OutsiderReads worst = {Tri::kYes,
                         absl::StrCat("by ", lists, lists == 1 ? " list" : " different lists", " of access")};
  for (const std::string& text : access.descriptors) {
    const auto parsed = access::ParseSddl(text);
    if (!parsed.ok()) return Unknown(absl::StrCat("its list of access: ", parsed.status().message()));
    for (const SecurityDescriptor& one : access.above.empty() ? std::vector{*parsed} : ChildrenOf(*parsed, *user)) {
      OutsiderReads reads = JudgeOne(denied ? WithDenial(one) : one, user);
      if (reads.kept_out == Tri::kNo) return reads;
      if (reads.kept_out == Tri::kUnknown && worst.kept_out == Tri::kYes) worst = std::move(reads);
    }
  }
  return worst;
}

}  // namespace paddock
