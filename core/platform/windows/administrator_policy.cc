#include "core/platform/administrator_policy.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/administration.h"
#include "core/access/binary.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/open_itself.h"
#include "core/platform/windows/registry.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"
// After it, since it uses its types.
#include <aclapi.h>

namespace paddock {
namespace {

absl::Status Untrusted(absl::string_view why) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "policy_untrusted", why);
}

absl::Status Unreadable(const absl::Status& why) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "policy_unreadable", why.message());
}

// "C:\Windows"
absl::StatusOr<std::string> WindowsDirectory() {
  wchar_t path[MAX_PATH];
  const UINT size = GetSystemWindowsDirectoryW(path, MAX_PATH);
  if (size < 3 || size >= MAX_PATH) return Win32Status(GetLastError(), "asking where Windows is");
  return ToUtf8({path, size});
}

// As set-up of Windows has noted it, with what the note leaves open filled in by the system: the variables of this
// process are its user's.
absl::StatusOr<std::string> MachineData() {
  ASSIGN_OR_RETURN(const std::string windows, WindowsDirectory());
  const std::string drive = windows.substr(0, 2);
  std::string path = "%SystemDrive%\\ProgramData";
  const auto profiles =
      RegistryKey::Open(HKEY_LOCAL_MACHINE, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList");
  if (profiles.ok()) path = profiles->Unexpanded("ProgramData").value_or(path);
  constexpr absl::string_view kSystemDrive = "%SystemDrive%";
  if (absl::StartsWithIgnoreCase(path, kSystemDrive)) path = absl::StrCat(drive, path.substr(kSystemDrive.size()));
  const auto parsed = WindowsPath::Parse(path);
  if (!parsed.ok() || !parsed->CheckUsual().ok() || absl::StrContains(path, "%") || path.substr(1, 2) != ":\\") {
    return Untrusted(absl::StrCat("the registry says that the machine's data lies in ", path, ", which is no path"));
  }
  return path;
}

absl::Status CheckControl(const std::string& path, uint32_t control) {
  const auto file = OpenItself(path, READ_CONTROL);
  if (absl::IsFailedPrecondition(file.status())) return Untrusted(file.status().message());
  if (absl::IsNotFound(file.status())) return file.status();
  if (!file.ok()) return Unreadable(file.status());
  PSECURITY_DESCRIPTOR bytes = nullptr;
  const DWORD error =
      GetSecurityInfo(file->get(), SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, nullptr,
                      nullptr, nullptr, nullptr, &bytes);
  if (error != ERROR_SUCCESS) return Unreadable(Win32Status(error, absl::StrCat("GetSecurityInfo ", path)));
  const auto descriptor = access::ParseBinary({static_cast<const char*>(bytes), GetSecurityDescriptorLength(bytes)});
  LocalFree(bytes);
  if (!descriptor.ok()) return Unreadable(descriptor.status());
  const std::optional<access::Sid> other = access::WhoElseControls(*descriptor, control);
  if (!other.has_value()) return absl::OkStatus();
  return Untrusted(absl::StrCat(path, " is not the administrators' alone: ", other->ToString(), " controls it"));
}

}  // namespace

absl::StatusOr<std::string> AdministratorPolicy() {
  ASSIGN_OR_RETURN(const std::string data, MachineData());
  const std::string directory = absl::StrCat(data, "\\paddock");
  const std::string file = absl::StrCat(directory, "\\policy.toml");
  absl::Status checked = CheckControl(file, access::kFileControl);
  if (checked.ok()) checked = CheckControl(directory, access::kDirectoryControl);
  if (!checked.ok() && !absl::IsNotFound(checked)) return checked;
  return file;
}

}  // namespace paddock
