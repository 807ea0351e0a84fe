#include "core/windows_launch/token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/access/sddl.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/token_data.h"
#include "core/windows_launch/descriptor.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

using access::Sid;

absl::StatusOr<Sid> OwnerOf(HANDLE token) {
  ASSIGN_OR_RETURN(std::string data, TokenData(token, TokenOwner, "the owner"));
  return SidAt(reinterpret_cast<TOKEN_OWNER*>(data.data())->Owner);
}

std::string Bytes(const Sid& sid) {
  std::string bytes;
  sid.AppendBytes(&bytes);
  return bytes;
}

absl::Status SetDefaultDacl(HANDLE token, const access::Acl& dacl, LaunchRecorder& recorder) {
  access::SecurityDescriptor descriptor;
  descriptor.set_dacl(dacl);
  ASSIGN_OR_RETURN(const DescriptorBuffer buffer, DescriptorBuffer::Make(descriptor));
  TOKEN_DEFAULT_DACL value = {buffer.dacl()};
  recorder.OnCall("SetTokenInformation", {{"class", "TokenDefaultDacl"}, {"default_dacl", buffer.sddl()}});
  if (!SetTokenInformation(token, TokenDefaultDacl, &value, sizeof(value))) {
    return StepFailed("setting the default DACL of the restricted token");
  }
  return absl::OkStatus();
}

// An elevated caller's token is owned by Administrators, in whose name everything would then be created. Here and for
// the integrity level, whether the call had an effect is for the read-back to say, and not for its result.
absl::Status SetOwner(HANDLE token, const Sid& owner, LaunchRecorder& recorder) {
  ASSIGN_OR_RETURN(const Sid now, OwnerOf(token));
  recorder.OnCall("SetTokenInformation", {{"class", "TokenOwner"}, {"owner", owner.ToString()}});
  if (now == owner) return absl::OkStatus();
  std::string bytes = Bytes(owner);
  TOKEN_OWNER value = {bytes.data()};
  SetTokenInformation(token, TokenOwner, &value, sizeof(value));
  return absl::OkStatus();
}

absl::Status LowerIntegrity(HANDLE token, uint32_t level, LaunchRecorder& recorder) {
  ASSIGN_OR_RETURN(const uint32_t now, IntegrityOf(token));
  recorder.OnCall("SetTokenInformation", {{"class", "TokenIntegrityLevel"}, {"integrity", level}});
  if (now <= level) return absl::OkStatus();
  std::string bytes = Bytes(access::IntegritySid(level));
  TOKEN_MANDATORY_LABEL value = {{bytes.data(), SE_GROUP_INTEGRITY}};
  SetTokenInformation(token, TokenIntegrityLevel, &value, static_cast<DWORD>(sizeof(value) + bytes.size()));
  return absl::OkStatus();
}

absl::Status CheckRestrictingSids(HANDLE token, const std::vector<Sid>& ordered) {
  ASSIGN_OR_RETURN(std::string data, TokenData(token, TokenRestrictedSids, "the restricting SIDs"));
  const auto* const groups = reinterpret_cast<const TOKEN_GROUPS*>(data.data());
  std::vector<Sid> found;
  for (DWORD i = 0; i < groups->GroupCount; ++i) {
    ASSIGN_OR_RETURN(const Sid sid, SidAt(groups->Groups[i].Sid));
    found.push_back(sid);
  }
  std::vector<Sid> wanted = ordered;
  for (std::vector<Sid>* list : {&wanted, &found}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  if (found == wanted) return absl::OkStatus();
  const auto text = [](const std::vector<Sid>& sids) {
    return sids.empty() ? "none" : absl::StrJoin(sids, ", ", [](std::string* out, const Sid& sid) {
      absl::StrAppend(out, sid.ToString());
    });
  };
  return ReadBackFailed(absl::StrCat("CreateRestrictedToken was given the restricting SIDs ", text(wanted),
                                     "; the token that it made says it has ", text(found)));
}

absl::Status CheckHasRestrictions(HANDLE token) {
  DWORD restricted = 0, size = 0;
  if (!GetTokenInformation(token, TokenHasRestrictions, &restricted, sizeof(restricted), &size)) {
    return StepRefused("readback_failed", "reading TokenHasRestrictions of the restricted token", GetLastError());
  }
  return restricted != 0 ? absl::OkStatus() : ReadBackFailed("the restricted token says that it has no restrictions");
}

absl::Status CheckDefaultDacl(HANDLE token, const access::Acl& ordered) {
  ASSIGN_OR_RETURN(std::string data, TokenData(token, TokenDefaultDacl, "the default DACL"));
  PACL const dacl = reinterpret_cast<TOKEN_DEFAULT_DACL*>(data.data())->DefaultDacl;
  if (dacl == nullptr) return ReadBackFailed("the restricted token has no default DACL, which lets everybody in");
  ASSIGN_OR_RETURN(const access::SecurityDescriptor found, DescriptorWith(dacl));
  if (found.dacl.aces == ordered.aces) return absl::OkStatus();
  return ReadBackFailed("the default DACL of the restricted token is not the one that was set");
}

absl::Status CheckPrivileges(HANDLE token) {
  ASSIGN_OR_RETURN(std::string data, TokenData(token, TokenPrivileges, "the privileges"));
  const auto* const privileges = reinterpret_cast<const TOKEN_PRIVILEGES*>(data.data());
  LUID change_notify = {};
  if (!LookupPrivilegeValueW(nullptr, L"SeChangeNotifyPrivilege", &change_notify)) {
    return StepFailed("looking up SeChangeNotifyPrivilege");
  }
  for (DWORD i = 0; i < privileges->PrivilegeCount; ++i) {
    const LUID& luid = privileges->Privileges[i].Luid;
    if (luid.LowPart == change_notify.LowPart && luid.HighPart == change_notify.HighPart) continue;
    if ((privileges->Privileges[i].Attributes & SE_PRIVILEGE_REMOVED) != 0) continue;
    return ReadBackFailed(absl::StrCat("the restricted token still holds privilege number ", luid.LowPart));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BaseToken> OpenBaseToken() {
  BaseToken base;
  HANDLE opened = nullptr;
  constexpr DWORD kAccess = TOKEN_QUERY | TOKEN_DUPLICATE | TOKEN_ASSIGN_PRIMARY | TOKEN_ADJUST_DEFAULT;
  if (!OpenProcessToken(GetCurrentProcess(), kAccess, &opened)) return StepFailed("opening this process's token");
  base.token.reset(opened);
  ASSIGN_OR_RETURN(base.user, UserOf(opened));
  ASSIGN_OR_RETURN(base.groups, GroupsOf(opened));
  for (const access::Group& group : base.groups) {
    if (!group.logon) continue;
    base.logon = group.sid;
    return base;
  }
  return StepRefused("setup_failed", "looking for the logon session's SID in this process's token", ERROR_NOT_FOUND);
}

absl::StatusOr<access::Token> ReadUserToken() {
  ASSIGN_OR_RETURN(BaseToken base, OpenBaseToken());
  access::Token token;
  token.user = token.owner = base.user;
  token.groups = std::move(base.groups);
  return token;
}

absl::StatusOr<UniqueHandle> ComposeToken(const BaseToken& base, const TokenOrder& order, LaunchRecorder& recorder) {
  std::vector<std::string> bytes;
  Json texts = Json::array();
  for (const Sid& sid : order.restricting) {
    bytes.push_back(Bytes(sid));
    texts.push_back(sid.ToString());
  }
  std::vector<SID_AND_ATTRIBUTES> restricting;
  for (std::string& sid : bytes) restricting.push_back({sid.data(), 0});
  recorder.OnCall("CreateRestrictedToken", {{"disable_max_privilege", (order.flags & DISABLE_MAX_PRIVILEGE) != 0},
                                            {"lua_token", (order.flags & LUA_TOKEN) != 0},
                                            {"write_restricted", (order.flags & WRITE_RESTRICTED) != 0},
                                            {"restricting", std::move(texts)}});
  HANDLE made = nullptr;
  if (!CreateRestrictedToken(base.token.get(), order.flags, 0, nullptr, 0, nullptr,
                             static_cast<DWORD>(restricting.size()), restricting.data(), &made)) {
    return StepFailed("CreateRestrictedToken of this process's token");
  }
  UniqueHandle token(made);
  RETURN_IF_ERROR(SetDefaultDacl(token.get(), order.default_dacl, recorder));
  RETURN_IF_ERROR(SetOwner(token.get(), order.owner, recorder));
  RETURN_IF_ERROR(LowerIntegrity(token.get(), order.integrity, recorder));
  return token;
}

namespace {

absl::Status Check(HANDLE token, const TokenOrder& order) {
  RETURN_IF_ERROR(CheckRestrictingSids(token, order.restricting));
  RETURN_IF_ERROR(CheckHasRestrictions(token));
  ASSIGN_OR_RETURN(const uint32_t integrity, IntegrityOf(token));
  if (integrity > order.integrity) {
    return ReadBackFailed(
        absl::StrCat("the restricted token is at integrity level ", integrity, ", above ", order.integrity));
  }
  ASSIGN_OR_RETURN(const Sid owner, OwnerOf(token));
  if (!(owner == order.owner)) {
    return ReadBackFailed(absl::StrCat("what the restricted token creates would belong to ", owner.ToString(),
                                       ", not to ", order.owner.ToString()));
  }
  RETURN_IF_ERROR(CheckDefaultDacl(token, order.default_dacl));
  return (order.flags & DISABLE_MAX_PRIVILEGE) != 0 ? CheckPrivileges(token) : absl::OkStatus();
}

}  // namespace

// What cannot be read back counts as different.
absl::Status ReadBackToken(HANDLE token, const TokenOrder& order) {
  const absl::Status status = Check(token, order);
  return status.ok() || HasReason(status, "readback_failed")
             ? status
             : ReadBackFailed(ReasonOf(status).value_or(Reason{"", std::string(status.message()), ""}).detail);
}

}  // namespace paddock
