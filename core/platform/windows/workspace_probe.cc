#include "core/platform/windows/workspace_probe.h"

#include <chrono>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/windows_path.h"
#include "core/host/windows_decode.h"
#include "core/platform/windows/deadline.h"
#include "core/platform/windows/path_lookup.h"
#include "core/platform/windows/secret_probe.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"
#include "core/platform/windows/workspace_scan.h"

namespace paddock {
namespace {

// "C:" of "C:\dir"; empty for a share.
std::string DriveOf(const std::string& path) { return path.size() >= 2 && path[1] == ':' ? path.substr(0, 2) : ""; }

std::string DosDevice(const std::string& drive) {
  wchar_t target[4096];
  if (drive.empty() || QueryDosDeviceW(ToWide(drive).c_str(), target, std::size(target)) == 0) return "";
  return ToUtf8(target);
}

// mpr.dll: WNetGetConnection, without which there are no mapped drives.
std::string RemoteName(const std::string& drive) {
  using WNetGetConnection = DWORD(WINAPI*)(const wchar_t*, wchar_t*, DWORD*);
  const auto library = SystemLibrary::Load("mpr.dll");
  if (drive.empty() || !library.ok()) return "";
  const auto get_connection = library->Find<WNetGetConnection>("WNetGetConnectionW");
  wchar_t name[1024];
  DWORD length = std::size(name);
  const bool found = get_connection != nullptr && get_connection(ToWide(drive).c_str(), name, &length) == NO_ERROR;
  return found ? ToUtf8(name) : "";
}

struct SyncRoot {
  std::string name, source;
};

// Who fills the folder from a cloud: asked of the cloud filter (Windows 10 1709 and later), which every such client
// registers with that shows placeholders.
SyncRoot SyncRootByFilter(const std::string& path) {
  // Microsoft Learn, "CF_SYNC_ROOT_PROVIDER_INFO".
  struct ProviderInfo {
    DWORD status;
    wchar_t name[256], version[256];
  };
  using CfGetSyncRootInfoByPath = HRESULT(WINAPI*)(const wchar_t*, int, void*, DWORD, DWORD*);
  constexpr int kSyncRootInfoProvider = 2;
  const auto library = SystemLibrary::Load("cldapi.dll");
  if (!library.ok()) return {};
  const auto get_info = library->Find<CfGetSyncRootInfoByPath>("CfGetSyncRootInfoByPath");
  ProviderInfo info = {};
  DWORD length = 0;
  if (get_info == nullptr ||
      FAILED(get_info(ToWide(path).c_str(), kSyncRootInfoProvider, &info, sizeof(info), &length))) {
    return {};
  }
  info.name[std::size(info.name) - 1] = L'\0';
  const std::string name = ToUtf8(info.name);
  return {name.empty() ? "a cloud" : name, "CfGetSyncRootInfoByPath"};
}

// What cannot be told counts as within: a synchronised folder is the stricter answer.
bool MayBeWithin(const std::string& path, const std::string& folder) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(folder);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).MayBe();
}

SyncRoot SyncRootOf(const std::string& path, const std::map<std::string, std::string>& environment) {
  if (SyncRoot root = SyncRootByFilter(path); !root.name.empty()) return root;
  for (const char* const variable : {"OneDrive", "OneDriveConsumer", "OneDriveCommercial"}) {
    const auto found = environment.find(variable);
    if (found == environment.end() || !LooksLikeWindowsPath(found->second)) continue;
    const auto real = FinalPathOf(found->second);
    if (MayBeWithin(path, real.ok() ? WithoutVerbatimPrefix(*real) : found->second)) {
      return {found->second, absl::StrCat("%", variable, "%")};
    }
  }
  return {};
}

// The volume of a path without its verbatim prefix: "C:\" or "\\server\share\".
std::string VolumeRootOf(const std::string& path) {
  std::wstring root(path.size() + MAX_PATH, L'\0');
  if (!GetVolumePathNameW(ToWide(path).c_str(), root.data(), static_cast<DWORD>(root.size()))) return "";
  return ToUtf8(root.c_str());
}

void AddVolumeFacts(const std::string& root, WorkspaceFacts* facts) {
  facts->persistent_acls.source = "GetVolumeInformation: FILE_PERSISTENT_ACLS";
  facts->read_only.source = "GetVolumeInformation: FILE_READ_ONLY_VOLUME";
  wchar_t filesystem[MAX_PATH + 1] = {};
  DWORD flags = 0;
  if (!GetVolumeInformationW(ToWide(root).c_str(), nullptr, 0, nullptr, nullptr, &flags, filesystem, MAX_PATH)) {
    const std::string why = absl::StrCat("GetVolumeInformation: ", Win32Message(GetLastError()));
    facts->persistent_acls.source = facts->read_only.source = why;
    return;
  }
  facts->filesystem = ToUtf8(filesystem);
  facts->persistent_acls = YesIf((flags & FILE_PERSISTENT_ACLS) != 0, facts->persistent_acls.source);
  facts->read_only = YesIf((flags & FILE_READ_ONLY_VOLUME) != 0, facts->read_only.source);
}

// NTFS keeps case sensitivity with each directory; what cannot be asked is as Windows always was.
Fact CaseInsensitive(const std::string& path) {
  struct CaseSensitive {
    ULONG flags;
  };
  constexpr auto kFileCaseSensitiveInfo = static_cast<FILE_INFO_BY_HANDLE_CLASS>(23);
  const UniqueFileHandle directory(CreateFileW(ToWide(path).c_str(), FILE_READ_ATTRIBUTES,
                                               FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                               OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  CaseSensitive answer = {};
  if (!directory.valid() ||
      !GetFileInformationByHandleEx(directory.get(), kFileCaseSensitiveInfo, &answer, sizeof(answer))) {
    return {Tri::kUnknown, absl::StrCat("FileCaseSensitiveInfo: ", Win32Message(GetLastError()))};
  }
  return YesIf((answer.flags & 1) == 0, "FileCaseSensitiveInfo");
}

Fact Empty(const std::string& path) {
  WIN32_FIND_DATAW entry = {};
  HANDLE search = FindFirstFileW(ToWide(absl::StrCat(path, "\\*")).c_str(), &entry);
  if (search == INVALID_HANDLE_VALUE) {
    return {Tri::kUnknown, absl::StrCat("FindFirstFile: ", Win32Message(GetLastError()))};
  }
  bool empty = true;
  do {
    const std::wstring_view name = entry.cFileName;
    if (name != L"." && name != L"..") empty = false;
  } while (empty && FindNextFileW(search, &entry));
  FindClose(search);
  return YesIf(empty, "FindFirstFile");
}

struct Looked {
  VolumeObservations volume;
  WorkspaceFacts facts;
};

// On a thread of its own: owns all that it touches.
Looked Look(const std::string& asked, const std::map<std::string, std::string>& environment) {
  Looked looked;
  looked.volume.path = asked;
  looked.volume.dos_device = DosDevice(DriveOf(asked));
  looked.volume.remote_name = RemoteName(DriveOf(asked));
  const std::string path = WithoutSubst(asked, looked.volume.dos_device);
  // A letter may stand for a WSL distribution as well, which must not be started.
  if (PlaceOf(looked.volume).location == WorkspaceLocation::kWslDistribution) return looked;
  looked.facts.root = LookAtWindowsPath(path);
  auto final_path = FinalPathOf(path);
  if (!final_path.ok()) {
    looked.volume.not_opened = std::string(final_path.status().message());
    return looked;
  }
  const std::string real = WithoutVerbatimPrefix(*final_path);
  looked.volume.final_path = *std::move(final_path);
  const std::string root = VolumeRootOf(real);
  looked.volume.drive_type = GetDriveTypeW(ToWide(root).c_str());
  if (looked.volume.remote_name.empty()) looked.volume.remote_name = RemoteName(DriveOf(real));
  const SyncRoot sync = SyncRootOf(real, environment);
  looked.volume.sync_root = sync.name;
  looked.volume.sync_source = sync.source;
  AddVolumeFacts(root, &looked.facts);
  looked.facts.case_insensitive = CaseInsensitive(real);
  looked.facts.empty = Empty(real);
  return looked;
}

std::vector<std::string> LiteralPaths(const Request& request) {
  std::set<std::string> paths;
  if (!request.cwd.empty()) paths.insert(request.cwd);
  for (const auto* rules : {&request.write, &request.deny_write, &request.read_only, &request.deny_read}) {
    for (const PathRule& rule : *rules) {
      if (!rule.glob && LooksLikeWindowsPath(rule.path) && WslDistributionOf(rule.path).empty())
        paths.insert(rule.path);
    }
  }
  return {paths.begin(), paths.end()};
}

std::map<std::string, PathFacts> LookAtAll(const std::vector<std::string>& paths) {
  std::map<std::string, PathFacts> facts;
  for (const std::string& path : paths) facts[path] = LookAtWindowsPath(path);
  return facts;
}

// A run is refused where these do not answer, so they get the time that a busy machine or a drive that wakes up takes.
constexpr std::chrono::seconds kLookDeadline(10);
// The walk has limits of its own; this is for a call that does not come back.
constexpr std::chrono::seconds kScanDeadline(30);

void AddScan(const Request& request, const std::map<std::string, std::string>& environment, const std::string& home,
             WorkspaceFacts* facts) {
  ScanInputs inputs;
  if (facts->root.type == PathType::kDirectory) inputs.workspace = facts->root.real_path;
  inputs.environment = environment;
  inputs.home = home;
  auto scanned = AskInTime([request, inputs] { return ScanWindowsWorkspace(request, inputs); }, kScanDeadline);
  if (!scanned.has_value()) return;
  facts->globs = std::move(scanned->globs);
  facts->repositories = std::move(scanned->repositories);
  facts->paths.merge(scanned->paths);
  facts->scan_complete = scanned->complete && (request.workspace.empty() || !inputs.workspace.empty());
}

void SetUnknown(const std::string& why, WorkspaceFacts* facts) {
  for (Fact* fact : {&facts->persistent_acls, &facts->case_insensitive, &facts->read_only, &facts->empty}) {
    if (fact->unknown() && fact->source.empty()) fact->source = why;
  }
}

}  // namespace

WorkspaceFacts LookAtWorkspace(const Request& request, const std::map<std::string, std::string>& environment,
                               const std::string& home) {
  WorkspaceFacts facts;
  facts.scan_complete = false;
  facts.mounted_in_wsl.source = "not asked: it would start the distribution";
  WorkspacePlace place;
  if (!request.workspace.empty()) {
    const std::string& path = request.workspace;
    VolumeObservations by_name;
    by_name.path = path;
    by_name.not_opened = "no answer in time";
    std::string why = by_name.not_opened;
    // What the name alone says needs no look, which would start the distribution.
    if (place = PlaceOf(by_name); place.location != WorkspaceLocation::kWslDistribution) {
      facts.root.type = PathType::kUnreadable;
      auto looked = AskInTime([path, environment] { return Look(path, environment); }, kLookDeadline);
      if (looked.has_value()) {
        place = PlaceOf(looked->volume);
        facts = std::move(looked->facts);
        facts.scan_complete = false;
        facts.mounted_in_wsl.source = "not asked: it would start the distribution";
        why = "the workspace could not be opened";
      }
    }
    if (place.location == WorkspaceLocation::kWslDistribution) {
      // Nobody has looked; whoever runs there will.
      facts.root.type = PathType::kDirectory;
      place.real_path = path;
      why = "not asked: it would start the distribution";
    }
    SetUnknown(why, &facts);
  }
  facts.location = place.location;
  facts.location_source = place.source;
  facts.wsl_distribution = place.distribution;
  facts.root.real_path = place.real_path;
  if (place.location == WorkspaceLocation::kWslDistribution) return facts;
  auto paths = AskInTime([all = LiteralPaths(request)] { return LookAtAll(all); }, kLookDeadline);
  if (!paths.has_value()) return facts;  // a drive that does not answer would not answer a walk either
  facts.paths = *std::move(paths);
  AddScan(request, environment, home, &facts);
  return facts;
}

void AddSecrets(const Request& request, WorkspaceFacts* facts) {
  std::vector<std::string> paths;
  for (const PathRule& rule : request.deny_read) {
    if (!rule.glob && LooksLikeWindowsPath(rule.path) && WslDistributionOf(rule.path).empty()) {
      paths.push_back(rule.path);
    }
    const auto matches = facts->globs.find(rule.path);
    if (rule.glob && matches != facts->globs.end()) {
      paths.insert(paths.end(), matches->second.begin(), matches->second.end());
    }
  }
  if (auto secrets = AskInTime([paths] { return LookAtSecrets(paths); }, kLookDeadline)) {
    facts->secrets = *std::move(secrets);
  }
}

}  // namespace paddock
