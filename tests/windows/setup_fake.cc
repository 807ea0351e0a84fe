// A DLL that stands in for netapi32, advapi32, fwpuclnt and userenv where set-up calls them: it keeps what they would
// keep, writes every call down, and refuses the one that it is told to refuse. What it knows is gone with the process.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/platform/windows/windows_api.h"
// clang-format off: each needs what stands before it
#include <aclapi.h>
#include <fwpmu.h>
#include <lm.h>
#include <ntsecapi.h>
#include <sddl.h>
// clang-format on

namespace {

struct Account {
  std::wstring comment;
  DWORD rid = 0;
};

struct Filtering {
  std::map<std::string, std::string> objects;  // by key: what is said of them
  std::map<std::string, std::string> descriptors;
};

struct Machine {
  std::map<std::wstring, Account> groups, users;
  std::map<std::wstring, std::wstring> passwords;
  std::set<std::pair<std::wstring, std::wstring>> members, rights;
  std::map<std::wstring, std::wstring> lists;  // of directories, SDDL
  Filtering filtering, before_transaction;
  DWORD next_rid = 1001;
};

Machine machine;
std::vector<std::string> calls;
int calls_left = 0;  // until one is refused; 0: none is

std::string Narrow(const std::wstring& text) { return {text.begin(), text.end()}; }

std::wstring SidText(PSID sid) {
  wchar_t* text = nullptr;
  if (!ConvertSidToStringSidW(sid, &text)) return L"?";
  std::wstring copy = text;
  LocalFree(text);
  return copy;
}

std::string GuidText(const GUID& guid) {
  char text[40];
  snprintf(text, sizeof(text), "%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", guid.Data1, guid.Data2, guid.Data3,
           guid.Data4[0], guid.Data4[1], guid.Data4[2], guid.Data4[3], guid.Data4[4], guid.Data4[5], guid.Data4[6],
           guid.Data4[7]);
  return text;
}

// Writes the call down. True: it is to be refused.
bool Refused(const std::string& call) {
  calls.push_back(call);
  return calls_left > 0 && --calls_left == 0;
}

wchar_t* Copy(wchar_t** at, const std::wstring& text) {
  wchar_t* const copied = *at;
  text.copy(copied, text.size());
  copied[text.size()] = L'\0';
  *at += text.size() + 1;
  return copied;
}

// "what KEY about ...".
std::string FilterText(const FWPM_FILTER0& filter) {
  const FWP_BYTE_BLOB& blob = *filter.filterCondition[0].conditionValue.sd;
  wchar_t* sddl = nullptr;
  ConvertSecurityDescriptorToStringSecurityDescriptorW(
      blob.data, SDDL_REVISION_1, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &sddl, nullptr);
  std::string text = "filter layer=" + GuidText(filter.layerKey) + " sublayer=" + GuidText(filter.subLayerKey) +
                     " provider=" + GuidText(*filter.providerKey) + " flags=" + std::to_string(filter.flags) +
                     " block=" + std::to_string(filter.action.type == FWP_ACTION_BLOCK) +
                     " condition=" + GuidText(filter.filterCondition[0].fieldKey) + " " +
                     Narrow(sddl == nullptr ? L"?" : sddl);
  LocalFree(sddl);
  return text;
}

std::wstring PathOf(HANDLE file) {
  wchar_t path[1024];
  const DWORD size = GetFinalPathNameByHandleW(file, path, 1024, FILE_NAME_NORMALIZED);
  return {path, size};
}

constexpr wchar_t kUsualList[] = L"O:BAD:AI(D;;CC;;;BG)(A;;FA;;;BA)(A;OICIID;FA;;;SY)";

DWORD AddObject(const GUID& key, std::string text, const char* call) {
  if (Refused(std::string(call) + " " + GuidText(key))) return ERROR_ACCESS_DENIED;
  machine.filtering.objects[GuidText(key)] = std::move(text);
  return ERROR_SUCCESS;
}

DWORD DeleteObject(const GUID& key, DWORD absent, const char* call) {
  if (Refused(std::string(call) + " " + GuidText(key))) return ERROR_ACCESS_DENIED;
  machine.filtering.descriptors.erase(GuidText(key));
  return machine.filtering.objects.erase(GuidText(key)) == 1 ? ERROR_SUCCESS : absent;
}

}  // namespace

extern "C" {

// Forgets what was called, keeps what is there; refuses the `refuse`th call from now on.
void FakeReset(int refuse) {
  calls.clear();
  calls_left = refuse;
}

int FakeCalls(char* text, int size) {
  std::string all;
  for (const std::string& call : calls) all += call + "\n";
  all.copy(text, static_cast<size_t>(size - 1));
  text[std::min<size_t>(all.size(), static_cast<size_t>(size - 1))] = '\0';
  return static_cast<int>(calls.size());
}

int FakeState(char* text, int size) {
  std::string all;
  for (const auto& [name, group] : machine.groups) all += "group " + Narrow(name + L": " + group.comment) + "\n";
  for (const auto& [name, user] : machine.users) {
    all += "user " + Narrow(name + L": " + user.comment + L", password " + machine.passwords[name]) + "\n";
  }
  for (const auto& [group, user] : machine.members) all += "member " + Narrow(group + L" " + user) + "\n";
  for (const auto& [account, right] : machine.rights) all += "right " + Narrow(account + L" " + right) + "\n";
  for (const auto& [path, list] : machine.lists) {
    if (list != kUsualList) all += "list " + Narrow(list) + "\n";
  }
  for (const auto& [key, object] : machine.filtering.objects) all += key + " " + object + "\n";
  all.copy(text, static_cast<size_t>(size - 1));
  text[std::min<size_t>(all.size(), static_cast<size_t>(size - 1))] = '\0';
  return static_cast<int>(all.size());
}

NET_API_STATUS WINAPI FakeNetLocalGroupAdd(LPCWSTR, DWORD, LPBYTE data, LPDWORD) {
  const auto* const info = reinterpret_cast<const LOCALGROUP_INFO_1*>(data);
  if (Refused("NetLocalGroupAdd " + Narrow(info->lgrpi1_name))) return ERROR_ACCESS_DENIED;
  if (machine.groups.contains(info->lgrpi1_name)) return ERROR_ALIAS_EXISTS;
  machine.groups[info->lgrpi1_name] = {info->lgrpi1_comment, machine.next_rid++};
  return NERR_Success;
}

NET_API_STATUS WINAPI FakeNetLocalGroupDel(LPCWSTR, LPCWSTR name) {
  if (Refused("NetLocalGroupDel " + Narrow(name))) return ERROR_ACCESS_DENIED;
  return machine.groups.erase(name) == 1 ? NERR_Success : NERR_GroupNotFound;
}

NET_API_STATUS WINAPI FakeNetLocalGroupGetInfo(LPCWSTR, LPCWSTR name, DWORD, LPBYTE* data) {
  if (Refused("NetLocalGroupGetInfo " + Narrow(name))) return ERROR_ACCESS_DENIED;
  const auto group = machine.groups.find(name);
  if (group == machine.groups.end()) return NERR_GroupNotFound;
  *data = static_cast<BYTE*>(calloc(1, 4096));
  auto* const info = reinterpret_cast<LOCALGROUP_INFO_1*>(*data);
  auto* at = reinterpret_cast<wchar_t*>(*data + sizeof(*info));
  info->lgrpi1_name = Copy(&at, name);
  info->lgrpi1_comment = Copy(&at, group->second.comment);
  return NERR_Success;
}

NET_API_STATUS WINAPI FakeNetLocalGroupAddMembers(LPCWSTR, LPCWSTR group, DWORD, LPBYTE data, DWORD) {
  const std::wstring sid = SidText(reinterpret_cast<const LOCALGROUP_MEMBERS_INFO_0*>(data)->lgrmi0_sid);
  if (Refused("NetLocalGroupAddMembers " + Narrow(group + (L" " + sid)))) return ERROR_ACCESS_DENIED;
  return machine.members.emplace(group, sid).second ? NERR_Success : ERROR_MEMBER_IN_ALIAS;
}

NET_API_STATUS WINAPI FakeNetLocalGroupDelMembers(LPCWSTR, LPCWSTR group, DWORD, LPBYTE data, DWORD) {
  const std::wstring sid = SidText(reinterpret_cast<const LOCALGROUP_MEMBERS_INFO_0*>(data)->lgrmi0_sid);
  if (Refused("NetLocalGroupDelMembers " + Narrow(group + (L" " + sid)))) return ERROR_ACCESS_DENIED;
  return machine.members.erase({group, sid}) == 1 ? NERR_Success : ERROR_MEMBER_NOT_IN_ALIAS;
}

NET_API_STATUS WINAPI FakeNetLocalGroupGetMembers(LPCWSTR, LPCWSTR group, DWORD, LPBYTE* data, DWORD, LPDWORD count,
                                                  LPDWORD total, PDWORD_PTR) {
  if (Refused("NetLocalGroupGetMembers " + Narrow(group))) return ERROR_ACCESS_DENIED;
  *data = static_cast<BYTE*>(calloc(1, 4096));
  auto* const members = reinterpret_cast<LOCALGROUP_MEMBERS_INFO_0*>(*data);
  DWORD found = 0;
  for (const auto& [name, sid] : machine.members) {
    if (name != group || found == 8) continue;
    PSID bytes = nullptr;
    ConvertStringSidToSidW(sid.c_str(), &bytes);
    BYTE* const copy = *data + 1024 + found * 128;
    CopySid(128, copy, bytes);
    LocalFree(bytes);
    members[found++].lgrmi0_sid = copy;
  }
  *count = *total = found;
  return NERR_Success;
}

NET_API_STATUS WINAPI FakeNetUserAdd(LPCWSTR, DWORD, LPBYTE data, LPDWORD) {
  const auto* const info = reinterpret_cast<const USER_INFO_1*>(data);
  if (Refused("NetUserAdd " + Narrow(info->usri1_name) + " flags=" + std::to_string(info->usri1_flags))) {
    return ERROR_ACCESS_DENIED;
  }
  if (machine.users.contains(info->usri1_name)) return NERR_UserExists;
  machine.users[info->usri1_name] = {info->usri1_comment, machine.next_rid++};
  machine.passwords[info->usri1_name] = info->usri1_password;
  return NERR_Success;
}

NET_API_STATUS WINAPI FakeNetUserDel(LPCWSTR, LPCWSTR name) {
  if (Refused("NetUserDel " + Narrow(name))) return ERROR_ACCESS_DENIED;
  return machine.users.erase(name) == 1 ? NERR_Success : NERR_UserNotFound;
}

NET_API_STATUS WINAPI FakeNetUserGetInfo(LPCWSTR, LPCWSTR name, DWORD, LPBYTE* data) {
  if (Refused("NetUserGetInfo " + Narrow(name))) return ERROR_ACCESS_DENIED;
  const auto user = machine.users.find(name);
  if (user == machine.users.end()) return NERR_UserNotFound;
  *data = static_cast<BYTE*>(calloc(1, 4096));
  auto* const info = reinterpret_cast<USER_INFO_1*>(*data);
  auto* at = reinterpret_cast<wchar_t*>(*data + sizeof(*info));
  info->usri1_name = Copy(&at, name);
  info->usri1_comment = Copy(&at, user->second.comment);
  return NERR_Success;
}

NET_API_STATUS WINAPI FakeNetUserSetInfo(LPCWSTR, LPCWSTR name, DWORD level, LPBYTE data, LPDWORD) {
  if (Refused("NetUserSetInfo " + Narrow(name) + " level=" + std::to_string(level))) return ERROR_ACCESS_DENIED;
  machine.passwords[name] = reinterpret_cast<const USER_INFO_1003*>(data)->usri1003_password;
  return NERR_Success;
}

NET_API_STATUS WINAPI FakeNetApiBufferFree(LPVOID data) {
  free(data);
  return NERR_Success;
}

BOOL WINAPI FakeLookupAccountNameW(LPCWSTR, LPCWSTR name, PSID sid, LPDWORD size, LPWSTR, LPDWORD, PSID_NAME_USE use) {
  std::wstring account = name;
  account = account.substr(account.find(L'\\') + 1);
  if (Refused("LookupAccountName " + Narrow(account))) {
    SetLastError(ERROR_ACCESS_DENIED);
    return FALSE;
  }
  DWORD rid = 0;
  for (const auto* accounts : {&machine.groups, &machine.users}) {
    const auto found = accounts->find(account);
    if (found != accounts->end()) rid = found->second.rid;
  }
  if (rid == 0) {
    SetLastError(ERROR_NONE_MAPPED);
    return FALSE;
  }
  PSID bytes = nullptr;
  ConvertStringSidToSidW((L"S-1-5-21-1-2-3-" + std::to_wstring(rid)).c_str(), &bytes);
  const BOOL copied = CopySid(*size, sid, bytes);
  LocalFree(bytes);
  *use = SidTypeUser;
  return copied;
}

NTSTATUS NTAPI FakeLsaOpenPolicy(PLSA_UNICODE_STRING, PLSA_OBJECT_ATTRIBUTES, ACCESS_MASK, PLSA_HANDLE handle) {
  *handle = &machine;
  return Refused("LsaOpenPolicy") ? static_cast<NTSTATUS>(0xC0000022) : 0;
}

NTSTATUS NTAPI FakeLsaClose(LSA_HANDLE) { return 0; }

NTSTATUS NTAPI FakeLsaAddAccountRights(LSA_HANDLE, PSID account, PLSA_UNICODE_STRING right, ULONG) {
  const std::wstring name(right->Buffer, right->Length / 2);
  if (Refused("LsaAddAccountRights " + Narrow(name))) return static_cast<NTSTATUS>(0xC0000022);
  machine.rights.emplace(SidText(account), name);
  return 0;
}

NTSTATUS NTAPI FakeLsaRemoveAccountRights(LSA_HANDLE, PSID account, BOOLEAN, PLSA_UNICODE_STRING right, ULONG) {
  const std::wstring name(right->Buffer, right->Length / 2);
  if (Refused("LsaRemoveAccountRights " + Narrow(name))) return static_cast<NTSTATUS>(0xC0000022);
  return machine.rights.erase({SidText(account), name}) == 1 ? 0 : static_cast<NTSTATUS>(0xC0000034);
}

NTSTATUS NTAPI FakeLsaEnumerateAccountRights(LSA_HANDLE, PSID account, PLSA_UNICODE_STRING* rights, PULONG count) {
  if (Refused("LsaEnumerateAccountRights")) return static_cast<NTSTATUS>(0xC0000022);
  auto* const all = static_cast<BYTE*>(calloc(1, 4096));
  *rights = reinterpret_cast<LSA_UNICODE_STRING*>(all);
  auto* at = reinterpret_cast<wchar_t*>(all + 512);
  *count = 0;
  for (const auto& [sid, right] : machine.rights) {
    if (sid != SidText(account)) continue;
    const auto bytes = static_cast<USHORT>(right.size() * 2);
    (*rights)[(*count)++] = {bytes, bytes, Copy(&at, right)};
  }
  if (*count > 0) return 0;
  free(all);
  return static_cast<NTSTATUS>(0xC0000034);
}

NTSTATUS NTAPI FakeLsaFreeMemory(PVOID data) {
  free(data);
  return 0;
}

ULONG NTAPI FakeLsaNtStatusToWinError(NTSTATUS) { return ERROR_ACCESS_DENIED; }

DWORD WINAPI FakeGetSecurityInfo(HANDLE file, SE_OBJECT_TYPE, SECURITY_INFORMATION, PSID*, PSID*, PACL*, PACL*,
                                 PSECURITY_DESCRIPTOR* descriptor) {
  if (Refused("GetSecurityInfo")) return ERROR_ACCESS_DENIED;
  const auto [list, made] = machine.lists.try_emplace(PathOf(file), kUsualList);
  return ConvertStringSecurityDescriptorToSecurityDescriptorW(list->second.c_str(), SDDL_REVISION_1, descriptor,
                                                              nullptr)
             ? ERROR_SUCCESS
             : GetLastError();
}

DWORD WINAPI FakeSetSecurityInfo(HANDLE file, SE_OBJECT_TYPE, SECURITY_INFORMATION, PSID, PSID, PACL dacl, PACL) {
  if (Refused("SetSecurityInfo")) return ERROR_ACCESS_DENIED;
  SECURITY_DESCRIPTOR descriptor;
  InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
  SetSecurityDescriptorDacl(&descriptor, TRUE, dacl, FALSE);
  wchar_t* text = nullptr;
  if (!ConvertSecurityDescriptorToStringSecurityDescriptorW(&descriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION,
                                                            &text, nullptr)) {
    return GetLastError();
  }
  // As the system keeps what it is not given: the owner, and that entries were inherited.
  machine.lists[PathOf(file)] = std::wstring(L"O:BAD:AI") + (text + 2);
  LocalFree(text);
  return ERROR_SUCCESS;
}

DWORD WINAPI FakeFwpmEngineOpen0(const wchar_t*, UINT32, SEC_WINNT_AUTH_IDENTITY_W*, const FWPM_SESSION0*,
                                 HANDLE* engine) {
  *engine = &machine;
  return Refused("FwpmEngineOpen") ? ERROR_ACCESS_DENIED : ERROR_SUCCESS;
}

DWORD WINAPI FakeFwpmEngineClose0(HANDLE) { return ERROR_SUCCESS; }

DWORD WINAPI FakeFwpmTransactionBegin0(HANDLE, UINT32) {
  if (Refused("FwpmTransactionBegin")) return ERROR_ACCESS_DENIED;
  machine.before_transaction = machine.filtering;
  return ERROR_SUCCESS;
}

DWORD WINAPI FakeFwpmTransactionCommit0(HANDLE) {
  return Refused("FwpmTransactionCommit") ? ERROR_ACCESS_DENIED : ERROR_SUCCESS;
}

DWORD WINAPI FakeFwpmTransactionAbort0(HANDLE) {
  machine.filtering = machine.before_transaction;
  return ERROR_SUCCESS;
}

DWORD WINAPI FakeFwpmProviderAdd0(HANDLE, const FWPM_PROVIDER0* provider, PSECURITY_DESCRIPTOR) {
  return AddObject(provider->providerKey, "provider flags=" + std::to_string(provider->flags), "FwpmProviderAdd");
}

DWORD WINAPI FakeFwpmProviderDeleteByKey0(HANDLE, const GUID* key) {
  return DeleteObject(*key, 0x80320005, "FwpmProviderDeleteByKey");
}

DWORD WINAPI FakeFwpmSubLayerAdd0(HANDLE, const FWPM_SUBLAYER0* sublayer, PSECURITY_DESCRIPTOR) {
  return AddObject(sublayer->subLayerKey,
                   "sublayer flags=" + std::to_string(sublayer->flags) + " weight=" + std::to_string(sublayer->weight),
                   "FwpmSubLayerAdd");
}

DWORD WINAPI FakeFwpmSubLayerDeleteByKey0(HANDLE, const GUID* key) {
  return DeleteObject(*key, 0x80320007, "FwpmSubLayerDeleteByKey");
}

DWORD WINAPI FakeFwpmFilterAdd0(HANDLE, const FWPM_FILTER0* filter, PSECURITY_DESCRIPTOR, UINT64*) {
  const FWP_BYTE_BLOB& blob = *filter->filterCondition[0].conditionValue.sd;
  machine.filtering.descriptors[GuidText(filter->filterKey)].assign(reinterpret_cast<const char*>(blob.data),
                                                                    blob.size);
  return AddObject(filter->filterKey, FilterText(*filter), "FwpmFilterAdd");
}

DWORD WINAPI FakeFwpmFilterDeleteByKey0(HANDLE, const GUID* key) {
  return DeleteObject(*key, 0x80320003, "FwpmFilterDeleteByKey");
}

DWORD WINAPI FakeFwpmFilterGetByKey0(HANDLE, const GUID* key, FWPM_FILTER0** filter) {
  if (Refused("FwpmFilterGetByKey " + GuidText(*key))) return ERROR_ACCESS_DENIED;
  const auto descriptor = machine.filtering.descriptors.find(GuidText(*key));
  if (descriptor == machine.filtering.descriptors.end()) return 0x80320003;
  struct Made {
    FWPM_FILTER0 filter;
    FWPM_FILTER_CONDITION0 condition;
    FWP_BYTE_BLOB blob;
  };
  auto* const made = static_cast<Made*>(calloc(1, sizeof(Made)));
  made->filter.action.type = FWP_ACTION_BLOCK;
  made->filter.numFilterConditions = 1;
  made->filter.filterCondition = &made->condition;
  made->condition.fieldKey = {0xaf043a0a, 0xb34d, 0x4f86, {0x97, 0x9c, 0xc9, 0x03, 0x71, 0xaf, 0x6e, 0x66}};
  made->condition.matchType = FWP_MATCH_EQUAL;
  made->condition.conditionValue.type = FWP_SECURITY_DESCRIPTOR_TYPE;
  made->condition.conditionValue.sd = &made->blob;
  made->blob.size = static_cast<UINT32>(descriptor->second.size());
  made->blob.data = reinterpret_cast<UINT8*>(descriptor->second.data());
  *filter = &made->filter;
  return ERROR_SUCCESS;
}

void WINAPI FakeFwpmFreeMemory0(void** data) {
  free(*data);
  *data = nullptr;
}

BOOL WINAPI FakeDeleteProfileW(LPCWSTR sid, LPCWSTR, LPCWSTR) {
  SetLastError(Refused("DeleteProfile " + Narrow(sid)) ? ERROR_ACCESS_DENIED : ERROR_FILE_NOT_FOUND);
  return FALSE;
}

}  // extern "C"
