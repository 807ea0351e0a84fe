#include "core/platform/windows/machine/user_secret.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

// clang-format off: the second needs the first
#include <dpapi.h>
#include <wincrypt.h>
// clang-format on

namespace paddock::machine {
namespace {

constexpr DWORD kNoQuestions = 0x1;  // CRYPTPROTECT_UI_FORBIDDEN

DATA_BLOB BlobOf(absl::string_view bytes) {
  return {static_cast<DWORD>(bytes.size()), reinterpret_cast<BYTE*>(const_cast<char*>(bytes.data()))};
}

std::string Take(const DATA_BLOB& blob) {
  std::string bytes(reinterpret_cast<const char*>(blob.pbData), blob.cbData);
  SecureZeroMemory(blob.pbData, blob.cbData);
  LocalFree(blob.pbData);
  return bytes;
}

template <typename Function>
absl::StatusOr<std::string> Crypt(const char* name, absl::string_view bytes) {
  ASSIGN_OR_RETURN(const SystemLibrary library, SystemLibrary::Load("crypt32.dll"));
  const auto function = library.Find<Function>(name);
  if (function == nullptr) return absl::UnavailableError(absl::StrCat("crypt32.dll has no function ", name));
  DATA_BLOB in = BlobOf(bytes), out = {};
  if (!function(&in, nullptr, nullptr, nullptr, nullptr, kNoQuestions, &out)) return Win32Status(GetLastError(), name);
  return Take(out);
}

}  // namespace

absl::StatusOr<std::string> ProtectForUser(absl::string_view secret) {
  return Crypt<decltype(&CryptProtectData)>("CryptProtectData", secret);
}

absl::StatusOr<std::string> UnprotectForUser(absl::string_view blob) {
  return Crypt<decltype(&CryptUnprotectData)>("CryptUnprotectData", blob);
}

absl::Status MakeUserFolder(const std::string& path) {
  if (CreateDirectoryW(ToWide(path).c_str(), nullptr) || GetLastError() == ERROR_ALREADY_EXISTS)
    return absl::OkStatus();
  const DWORD error = GetLastError();
  const size_t parent = path.rfind('\\');
  if (error != ERROR_PATH_NOT_FOUND || parent == std::string::npos || parent < 3) {
    return Win32Status(error, absl::StrCat("making directory ", path));
  }
  RETURN_IF_ERROR(MakeUserFolder(path.substr(0, parent)));
  if (CreateDirectoryW(ToWide(path).c_str(), nullptr)) return absl::OkStatus();
  return Win32Status(GetLastError(), absl::StrCat("making directory ", path));
}

bool IsThere(const std::string& path) { return GetFileAttributesW(ToWide(path).c_str()) != INVALID_FILE_ATTRIBUTES; }

absl::Status RemoveUserFile(const std::string& path) {
  if (DeleteFileW(ToWide(path).c_str())) return absl::OkStatus();
  const DWORD error = GetLastError();
  if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) return absl::OkStatus();
  return Win32Status(error, absl::StrCat("removing ", path));
}

}  // namespace paddock::machine
