#include "core/platform/windows/token_data.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {

absl::StatusOr<std::string> TokenData(HANDLE token, TOKEN_INFORMATION_CLASS what, absl::string_view name) {
  DWORD needed = 0;
  GetTokenInformation(token, what, nullptr, 0, &needed);
  std::string data(needed, '\0');
  if (needed == 0 || !GetTokenInformation(token, what, data.data(), needed, &needed)) {
    return Win32Status(GetLastError(), absl::StrCat("reading ", name, " of a token"));
  }
  return data;
}

absl::StatusOr<access::Sid> SidAt(PSID sid) {
  return access::Sid::FromBytes(absl::string_view(static_cast<const char*>(sid), GetLengthSid(sid)));
}

absl::StatusOr<access::Sid> UserOf(HANDLE token) {
  ASSIGN_OR_RETURN(std::string data, TokenData(token, TokenUser, "the user"));
  return SidAt(reinterpret_cast<TOKEN_USER*>(data.data())->User.Sid);
}

absl::StatusOr<uint32_t> IntegrityOf(HANDLE token) {
  ASSIGN_OR_RETURN(std::string data, TokenData(token, TokenIntegrityLevel, "the integrity level"));
  ASSIGN_OR_RETURN(const access::Sid level, SidAt(reinterpret_cast<TOKEN_MANDATORY_LABEL*>(data.data())->Label.Sid));
  return level.rid();
}

absl::StatusOr<std::vector<access::Group>> GroupsOf(HANDLE token) {
  ASSIGN_OR_RETURN(std::string data, TokenData(token, TokenGroups, "the groups"));
  const auto* const listed = reinterpret_cast<const TOKEN_GROUPS*>(data.data());
  std::vector<access::Group> groups;
  for (DWORD i = 0; i < listed->GroupCount; ++i) {
    const SID_AND_ATTRIBUTES& entry = listed->Groups[i];
    if ((entry.Attributes & SE_GROUP_INTEGRITY) != 0) continue;
    access::Group group;
    ASSIGN_OR_RETURN(group.sid, SidAt(entry.Sid));
    group.enabled = (entry.Attributes & SE_GROUP_ENABLED) != 0;
    group.deny_only = (entry.Attributes & SE_GROUP_USE_FOR_DENY_ONLY) != 0;
    group.logon = (entry.Attributes & SE_GROUP_LOGON_ID) == SE_GROUP_LOGON_ID;
    groups.push_back(group);
  }
  return groups;
}

}  // namespace paddock
