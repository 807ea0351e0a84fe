#include "core/platform/windows/process_facts.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/host/windows_decode.h"
#include "core/platform/windows/deadline.h"
#include "core/platform/windows/registry.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/token_data.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

Fact Failed(absl::string_view what) { return {Tri::kUnknown, absl::StrCat(what, ": ", Win32Message(GetLastError()))}; }

Fact Elevated() {
  HANDLE raw = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw)) return Failed("OpenProcessToken");
  const UniqueHandle token(raw);
  TOKEN_ELEVATION elevation = {};
  DWORD size = 0;
  if (!GetTokenInformation(token.get(), TokenElevation, &elevation, sizeof(elevation), &size)) {
    return Failed("TokenElevation");
  }
  return YesIf(elevation.TokenIsElevated != 0, "TokenElevation");
}

Fact InJob() {
  BOOL in_job = FALSE;
  if (!IsProcessInJob(GetCurrentProcess(), nullptr, &in_job)) return Failed("IsProcessInJob");
  return YesIf(in_job != FALSE, "IsProcessInJob");
}

// Asked by making one, which nobody sees and which goes at once: no right tells beforehand.
Fact WindowStation() {
  const HWINSTA station = CreateWindowStationW(nullptr, 0, WINSTA_ALL_ACCESS, nullptr);
  if (station == nullptr) {
    const DWORD error = GetLastError();
    if (error == ERROR_ACCESS_DENIED) return No("CreateWindowStation: access denied");
    return Failed("CreateWindowStation");
  }
  CloseWindowStation(station);
  return Yes("CreateWindowStation");
}

struct ServiceTraits {
  using Handle = SC_HANDLE;
  static Handle None() { return nullptr; }
  static void Close(Handle handle) { CloseServiceHandle(handle); }
};
using UniqueService = BasicUniqueHandle<ServiceTraits>;

Fact SecondaryLogon() {
  const UniqueService manager(OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
  if (!manager.valid()) return Failed("OpenSCManager");
  const UniqueService service(OpenServiceW(manager.get(), L"seclogon", SERVICE_QUERY_CONFIG));
  if (!service.valid()) {
    if (GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST) return SecondaryLogonFact(std::nullopt, true);
    return Failed("OpenService seclogon");
  }
  alignas(QUERY_SERVICE_CONFIGW) unsigned char buffer[8192];  // Microsoft Learn: its largest
  auto* config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer);
  DWORD needed = 0;
  if (!QueryServiceConfigW(service.get(), config, sizeof(buffer), &needed))
    return Failed("QueryServiceConfig seclogon");
  return SecondaryLogonFact(config->dwStartType, false);
}

// Microsoft Learn, "NtQuerySystemInformation": class 103 takes a structure of its own length and the options.
std::optional<uint32_t> CodeIntegrityOptions() {
  struct CodeIntegrity {
    ULONG length, options;
  };
  using NtQuerySystemInformation = LONG(WINAPI*)(ULONG, void*, ULONG, ULONG*);
  const auto ntdll = SystemLibrary::Load("ntdll.dll");
  if (!ntdll.ok()) return std::nullopt;
  const auto query = ntdll->Find<NtQuerySystemInformation>("NtQuerySystemInformation");
  constexpr ULONG kSystemCodeIntegrityInformation = 103;
  CodeIntegrity answer = {sizeof(CodeIntegrity), 0};
  if (query == nullptr || query(kSystemCodeIntegrityInformation, &answer, sizeof(answer), nullptr) != 0) {
    return std::nullopt;
  }
  return answer.options;
}

Fact AppControlEnforced() {
  AppControl seen;
  seen.code_integrity_options = CodeIntegrityOptions();
  const auto rules = RegistryKey::Open(HKEY_LOCAL_MACHINE, "SOFTWARE\\Policies\\Microsoft\\Windows\\SrpV2\\Exe");
  if (rules.ok()) {
    seen.applocker_rules = !rules->Subkeys().empty();
    seen.applocker_enforcement = rules->Number("EnforcementMode");
  }
  return AppControlFact(seen);
}

std::string UserSid() {
  HANDLE opened = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &opened)) return "";
  const UniqueHandle token(opened);
  const auto user = UserOf(token.get());
  return user.ok() ? user->ToString() : "";
}

}  // namespace

void AddProcessFacts(WindowsFacts* facts) {
  facts->user_sid = UserSid();
  facts->elevated = Elevated();
  facts->in_job = InJob();
  facts->window_station = WindowStation();
  // The service manager is another process, which may be busy.
  facts->seclogon = AskInTime([] {
                      return SecondaryLogon();
                    }).value_or(Fact{Tri::kUnknown, "QueryServiceConfig seclogon: no answer in time"});
  facts->app_control_enforced = AppControlEnforced();
}

}  // namespace paddock
