#include "core/platform/windows/feature_facts.h"

#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/host/windows_decode.h"
#include "core/platform/files.h"
#include "core/platform/windows/deadline.h"
#include "core/platform/windows/optional_feature.h"
#include "core/platform/windows/registry.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"
// After it, since it uses its types.
#include <tlhelp32.h>

namespace paddock {
namespace {

constexpr char kLxss[] = "Software\\Microsoft\\Windows\\CurrentVersion\\Lxss";

bool KeyExists(HKEY root, absl::string_view path) { return RegistryKey::Open(root, path).ok(); }

// From the Store by its own installer; as a part of Windows by the service. wsl.exe alone means nothing: every Windows
// has one, which offers to install the rest.
Fact WslInstalled() {
  const auto installer = RegistryKey::Open(HKEY_LOCAL_MACHINE, absl::StrCat(kLxss, "\\MSI"));
  if (installer.ok() && installer->Text("InstallLocation").has_value()) {
    return Yes("HKLM\\...\\Lxss\\MSI InstallLocation");
  }
  for (const char* const service : {"WslService", "LxssManager"}) {
    if (KeyExists(HKEY_LOCAL_MACHINE, absl::StrCat("SYSTEM\\CurrentControlSet\\Services\\", service))) {
      return Yes(absl::StrCat("service ", service));
    }
  }
  return No("neither HKLM\\...\\Lxss\\MSI nor a service WslService or LxssManager");
}

Fact MirroredNetworking(const std::string& home) {
  constexpr size_t kLargest = 64u << 10;
  if (home.empty()) return {Tri::kUnknown, "the home directory is not known"};
  const auto text = ReadWholeFile(absl::StrCat(home, "\\.wslconfig"), kLargest);
  if (text.ok()) return MirroredNetworkingFact(*text);
  if (absl::IsNotFound(text.status())) return MirroredNetworkingFact(std::nullopt);
  return {Tri::kUnknown, std::string(text.status().message())};
}

std::wstring SystemFile(const wchar_t* name) {
  wchar_t directory[MAX_PATH];
  const UINT length = GetSystemDirectoryW(directory, MAX_PATH);
  return std::wstring(directory, length < MAX_PATH ? length : 0) + L"\\" + name;
}

Fact PresenceOf(const std::wstring& path, const std::string& source) {
  if (GetFileAttributesW(path.c_str()) != INVALID_FILE_ATTRIBUTES) return Yes(source);
  const DWORD error = GetLastError();
  if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) return No(source);
  return {Tri::kUnknown, absl::StrCat(source, ": ", Win32Message(error))};
}

// A part of Windows; or, from 24H2 on, of a package of the Store, which leaves an alias alone.
Fact SandboxInstalled() {
  const std::string program = "%SystemRoot%\\System32\\WindowsSandbox.exe";
  const Fact system = PresenceOf(SystemFile(L"WindowsSandbox.exe"), program);
  const std::wstring alias = SandboxAlias();
  if (system.yes() || alias.empty()) return system;
  const std::string package = "%LOCALAPPDATA%\\Microsoft\\WindowsApps\\wsb.exe";
  const Fact packaged = PresenceOf(alias, package);
  if (packaged.yes()) return packaged;
  return {packaged.unknown() ? Tri::kUnknown : system.value, absl::StrCat(system.source, ", ", packaged.source)};
}

// The processes that show a sandbox's desktop; the newer client (24H2) has names of its own.
constexpr const wchar_t* kSandboxProcesses[] = {L"WindowsSandboxClient.exe", L"WindowsSandboxRemoteSession.exe",
                                                L"WindowsSandboxServer.exe", L"WindowsSandbox.exe"};

struct SandboxSearch {
  std::optional<SandboxProcessInfo> found;
  DWORD error = ERROR_SUCCESS;
};

SandboxSearch FindSandbox() {
  const UniqueFileHandle processes(CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
  if (!processes.valid()) return {std::nullopt, GetLastError()};
  size_t best = std::size(kSandboxProcesses);
  SandboxSearch search;
  PROCESSENTRY32W entry = {};
  entry.dwSize = sizeof(entry);
  for (BOOL more = Process32FirstW(processes.get(), &entry); more; more = Process32NextW(processes.get(), &entry)) {
    for (size_t i = 0; i < best; ++i) {
      if (lstrcmpiW(entry.szExeFile, kSandboxProcesses[i]) != 0) continue;
      best = i;
      search.found = SandboxProcessInfo{entry.th32ProcessID, ToUtf8(kSandboxProcesses[i])};
    }
  }
  return search;
}

Fact SandboxRunning() {
  const SandboxSearch search = FindSandbox();
  if (search.error != ERROR_SUCCESS) return {Tri::kUnknown, absl::StrCat("process list: ", Win32Message(search.error))};
  if (search.found.has_value()) return Yes(absl::StrCat("process list: ", search.found->name));
  return No("process list");
}

}  // namespace

std::wstring SandboxAlias() {
  std::wstring local(32768, L'\0');
  local.resize(GetEnvironmentVariableW(L"LOCALAPPDATA", local.data(), static_cast<DWORD>(local.size())));
  return local.empty() ? L"" : local + L"\\Microsoft\\WindowsApps\\wsb.exe";
}

std::optional<SandboxProcessInfo> SandboxProcess() { return FindSandbox().found; }

void AddWslFacts(const std::string& home, WindowsFacts* facts) {
  facts->wsl_installed = WslInstalled();
  facts->mirrored_networking = MirroredNetworking(home);
  const auto lxss = RegistryKey::Open(HKEY_CURRENT_USER, kLxss);
  if (!lxss.ok()) return;
  std::vector<LxssEntry> entries;
  for (const std::string& name : lxss->Subkeys()) {
    const auto key = RegistryKey::Open(HKEY_CURRENT_USER, absl::StrCat(kLxss, "\\", name));
    if (!key.ok()) continue;
    entries.push_back(
        {name, key->Text("DistributionName"), key->Number("State"), key->Number("Flags"), key->Text("BasePath")});
  }
  facts->distributions = DistributionsOf(entries, lxss->Text("DefaultDistribution").value_or(""));
}

void AddSandboxFacts(WindowsFacts* facts) {
  facts->windows_sandbox_installed = SandboxInstalled();
  facts->windows_sandbox_running = SandboxRunning();
  // Without the program the feature is off, whatever WMI takes to say so.
  const std::string source = "Win32_OptionalFeature Containers-DisposableClientVM";
  if (facts->windows_sandbox_installed.no()) {
    facts->windows_sandbox_enabled = No("neither WindowsSandbox.exe nor wsb.exe is there");
    return;
  }
  const auto answer = AskInTime([] { return OptionalFeatureState("Containers-DisposableClientVM"); });
  if (!answer.has_value()) {
    facts->windows_sandbox_enabled.source = absl::StrCat(source, ": no answer in time");
  } else if (!answer->ok()) {
    facts->windows_sandbox_enabled.source = absl::StrCat(source, ": ", answer->status().message());
  } else {
    facts->windows_sandbox_enabled = OptionalFeatureFact(**answer, source);
  }
}

}  // namespace paddock
