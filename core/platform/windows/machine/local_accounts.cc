#include "core/platform/windows/machine/local_accounts.h"

#include <initializer_list>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/token_data.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::machine {
namespace {

// A wide text that is wiped when it goes.
class WideSecret {
 public:
  explicit WideSecret(absl::string_view text) : text_(ToWide(text)) {}
  WideSecret(const WideSecret&) = delete;
  WideSecret& operator=(const WideSecret&) = delete;
  ~WideSecret() { SecureZeroMemory(text_.data(), text_.size() * sizeof(wchar_t)); }
  wchar_t* data() { return text_.data(); }

 private:
  std::wstring text_;
};

// OK for success and for `harmless`.
absl::Status Answer(NET_API_STATUS status, absl::string_view tried,
                    std::initializer_list<NET_API_STATUS> harmless = {}) {
  if (status == NERR_Success) return absl::OkStatus();
  for (const NET_API_STATUS code : harmless) {
    if (status == code) return absl::OkStatus();
  }
  if (status == NERR_UserExists || status == NERR_GroupExists) {
    return absl::AlreadyExistsError(absl::StrCat(tried, ": an account of that name exists (error ", status, ")"));
  }
  return Win32Status(status, tried);
}

std::string Tried(absl::string_view call, absl::string_view name) { return absl::StrCat(call, " ", name); }

LOCALGROUP_MEMBERS_INFO_0 Member(std::string* bytes, const access::Sid& sid) {
  sid.AppendBytes(bytes);
  LOCALGROUP_MEMBERS_INFO_0 member = {};
  member.lgrmi0_sid = bytes->data();
  return member;
}

}  // namespace

absl::StatusOr<access::Sid> LocalAccounts::SidOf(absl::string_view name) const {
  wchar_t computer[MAX_COMPUTERNAME_LENGTH + 1];
  DWORD size = MAX_COMPUTERNAME_LENGTH + 1;
  if (!GetComputerNameW(computer, &size)) return Win32Status(GetLastError(), "GetComputerName");
  // Without the machine's name a domain's account might be found.
  const std::wstring full = std::wstring(computer) + L"\\" + ToWide(name);
  alignas(8) uint8_t sid[SECURITY_MAX_SID_SIZE];
  DWORD sid_size = sizeof(sid);
  wchar_t domain[256];
  DWORD domain_size = 256;
  SID_NAME_USE use = SidTypeUnknown;
  if (!calls_.lookup_account_name(nullptr, full.c_str(), sid, &sid_size, domain, &domain_size, &use)) {
    return Win32Status(GetLastError(), Tried("LookupAccountName", name));
  }
  return SidAt(sid);
}

absl::StatusOr<std::optional<LocalAccount>> LocalAccounts::FindGroup(absl::string_view name) const {
  BYTE* data = nullptr;
  const NET_API_STATUS status = calls_.net_local_group_get_info(nullptr, ToWide(name).c_str(), 1, &data);
  if (status == NERR_GroupNotFound || status == ERROR_NO_SUCH_ALIAS) return std::optional<LocalAccount>();
  RETURN_IF_ERROR(Answer(status, Tried("NetLocalGroupGetInfo", name)));
  const auto* const info = reinterpret_cast<const LOCALGROUP_INFO_1*>(data);
  LocalAccount account;
  account.comment = ToUtf8(info->lgrpi1_comment == nullptr ? L"" : info->lgrpi1_comment);
  calls_.net_api_buffer_free(data);
  ASSIGN_OR_RETURN(account.sid, SidOf(name));
  return std::optional<LocalAccount>(std::move(account));
}

absl::StatusOr<std::optional<LocalAccount>> LocalAccounts::FindUser(absl::string_view name) const {
  BYTE* data = nullptr;
  const NET_API_STATUS status = calls_.net_user_get_info(nullptr, ToWide(name).c_str(), 1, &data);
  if (status == NERR_UserNotFound) return std::optional<LocalAccount>();
  RETURN_IF_ERROR(Answer(status, Tried("NetUserGetInfo", name)));
  const auto* const info = reinterpret_cast<const USER_INFO_1*>(data);
  LocalAccount account;
  account.comment = ToUtf8(info->usri1_comment == nullptr ? L"" : info->usri1_comment);
  calls_.net_api_buffer_free(data);
  ASSIGN_OR_RETURN(account.sid, SidOf(name));
  return std::optional<LocalAccount>(std::move(account));
}

absl::Status LocalAccounts::AddGroup(absl::string_view name, absl::string_view comment) const {
  std::wstring wide_name = ToWide(name), wide_comment = ToWide(comment);
  LOCALGROUP_INFO_1 info = {wide_name.data(), wide_comment.data()};
  return Answer(calls_.net_local_group_add(nullptr, 1, reinterpret_cast<BYTE*>(&info), nullptr),
                Tried("NetLocalGroupAdd", name));
}

absl::Status LocalAccounts::AddUser(absl::string_view name, absl::string_view comment,
                                    absl::string_view password) const {
  std::wstring wide_name = ToWide(name), wide_comment = ToWide(comment);
  WideSecret secret(password);
  USER_INFO_1 info = {};
  info.usri1_name = wide_name.data();
  info.usri1_password = secret.data();
  info.usri1_priv = USER_PRIV_USER;
  info.usri1_comment = wide_comment.data();
  info.usri1_flags = UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_DONT_EXPIRE_PASSWD | UF_PASSWD_CANT_CHANGE;
  return Answer(calls_.net_user_add(nullptr, 1, reinterpret_cast<BYTE*>(&info), nullptr), Tried("NetUserAdd", name));
}

absl::Status LocalAccounts::SetPassword(absl::string_view name, absl::string_view password) const {
  WideSecret secret(password);
  USER_INFO_1003 info = {secret.data()};
  return Answer(calls_.net_user_set_info(nullptr, ToWide(name).c_str(), 1003, reinterpret_cast<BYTE*>(&info), nullptr),
                Tried("NetUserSetInfo", name));
}

absl::Status LocalAccounts::RemoveGroup(absl::string_view name) const {
  return Answer(calls_.net_local_group_del(nullptr, ToWide(name).c_str()), Tried("NetLocalGroupDel", name),
                {NERR_GroupNotFound, ERROR_NO_SUCH_ALIAS});
}

absl::Status LocalAccounts::RemoveUser(absl::string_view name) const {
  return Answer(calls_.net_user_del(nullptr, ToWide(name).c_str()), Tried("NetUserDel", name), {NERR_UserNotFound});
}

absl::Status LocalAccounts::RemoveProfile(const access::Sid& user) const {
  const std::string sid = user.ToString();
  if (calls_.delete_profile(ToWide(sid).c_str(), nullptr, nullptr)) return absl::OkStatus();
  const DWORD error = GetLastError();
  if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) return absl::OkStatus();
  return Win32Status(error, Tried("DeleteProfile", sid));
}

absl::StatusOr<bool> LocalAccounts::IsMember(absl::string_view group, const access::Sid& user) const {
  BYTE* data = nullptr;
  DWORD count = 0, total = 0;
  const NET_API_STATUS status = calls_.net_local_group_get_members(nullptr, ToWide(group).c_str(), 0, &data,
                                                                   MAX_PREFERRED_LENGTH, &count, &total, nullptr);
  if (status == NERR_GroupNotFound || status == ERROR_NO_SUCH_ALIAS) return false;
  RETURN_IF_ERROR(Answer(status, Tried("NetLocalGroupGetMembers", group)));
  const auto* const members = reinterpret_cast<const LOCALGROUP_MEMBERS_INFO_0*>(data);
  bool found = false;
  for (DWORD i = 0; i < count; ++i) {
    const auto sid = SidAt(members[i].lgrmi0_sid);
    found = found || (sid.ok() && *sid == user);
  }
  calls_.net_api_buffer_free(data);
  return found;
}

absl::Status LocalAccounts::AddMember(absl::string_view group, const access::Sid& user) const {
  std::string bytes;
  LOCALGROUP_MEMBERS_INFO_0 member = Member(&bytes, user);
  return Answer(
      calls_.net_local_group_add_members(nullptr, ToWide(group).c_str(), 0, reinterpret_cast<BYTE*>(&member), 1),
      Tried("NetLocalGroupAddMembers", group), {ERROR_MEMBER_IN_ALIAS});
}

absl::Status LocalAccounts::RemoveMember(absl::string_view group, const access::Sid& user) const {
  std::string bytes;
  LOCALGROUP_MEMBERS_INFO_0 member = Member(&bytes, user);
  return Answer(
      calls_.net_local_group_del_members(nullptr, ToWide(group).c_str(), 0, reinterpret_cast<BYTE*>(&member), 1),
      Tried("NetLocalGroupDelMembers", group),
      {NERR_GroupNotFound, ERROR_NO_SUCH_ALIAS, ERROR_MEMBER_NOT_IN_ALIAS, ERROR_NO_SUCH_MEMBER});
}

}  // namespace paddock::machine
