#include "core/platform/windows/machine/elevation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/token_data.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

// clang-format off: the second needs the first
#include <shellapi.h>
#include <shlobj.h>
// clang-format on

namespace paddock::machine {
namespace {

constexpr size_t kLongestPath = 32768;

absl::StatusOr<UniqueHandle> OwnToken() {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
    return Win32Status(GetLastError(), "OpenProcessToken");
  return UniqueHandle(token);
}

}  // namespace

absl::StatusOr<bool> IsElevated() {
  ASSIGN_OR_RETURN(const UniqueHandle token, OwnToken());
  TOKEN_ELEVATION elevation = {};
  DWORD size = 0;
  if (!GetTokenInformation(token.get(), TokenElevation, &elevation, sizeof(elevation), &size)) {
    return Win32Status(GetLastError(), "GetTokenInformation TokenElevation");
  }
  return elevation.TokenIsElevated != 0;
}

absl::StatusOr<access::Sid> OwnUser() {
  ASSIGN_OR_RETURN(const UniqueHandle token, OwnToken());
  return UserOf(token.get());
}

absl::StatusOr<UniqueHandle> StartElevated(const std::string& program, const std::string& arguments) {
  const std::wstring file = ToWide(program), parameters = ToWide(arguments);
  SHELLEXECUTEINFOW info = {};
  info.cbSize = sizeof(info);
  info.fMask = SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC | SEE_MASK_FLAG_NO_UI;
  info.lpVerb = L"runas";
  info.lpFile = file.c_str();
  info.lpParameters = parameters.c_str();
  info.nShow = SW_HIDE;
  if (!ShellExecuteExW(&info)) {
    const DWORD error = GetLastError();
    if (error == ERROR_CANCELLED)
      return absl::CancelledError("the question for an administrator's rights was declined");
    return Win32Status(error, absl::StrCat("starting ", program, " as an administrator"));
  }
  if (info.hProcess == nullptr) return absl::UnavailableError("Windows gave no handle of the elevated process");
  return UniqueHandle(info.hProcess);
}

std::string OwnProgram() {
  std::wstring path(kLongestPath, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return ToUtf8(path);
}

absl::StatusOr<std::string> ProgramFilesFolder() {
  wchar_t* path = nullptr;
  const HRESULT result = SHGetKnownFolderPath(FOLDERID_ProgramFiles, 0, nullptr, &path);
  if (FAILED(result)) return absl::UnavailableError("SHGetKnownFolderPath gives no %ProgramFiles%");
  std::string folder = ToUtf8(path);
  CoTaskMemFree(path);
  return folder;
}

}  // namespace paddock::machine
