#include "core/platform/windows/open_itself.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {

std::wstring VerbatimPath(const std::string& path) { return ToWide(absl::StrCat("\\\\?\\", path)); }

absl::StatusOr<UniqueFileHandle> OpenItself(const std::string& path, DWORD access) {
  UniqueFileHandle file(CreateFileW(VerbatimPath(path).c_str(), access | FILE_READ_ATTRIBUTES,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (!file.valid()) {
    const DWORD error = GetLastError();
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) {
      return absl::NotFoundError(absl::StrCat(path, " is not there"));
    }
    return Win32Status(error, absl::StrCat("opening ", path));
  }
  std::wstring final_path(32768, L'\0');
  const DWORD size = GetFinalPathNameByHandleW(file.get(), final_path.data(), static_cast<DWORD>(final_path.size()),
                                               FILE_NAME_NORMALIZED);
  if (size == 0 || size >= final_path.size()) {
    return Win32Status(GetLastError(), absl::StrCat("finding out where ", path, " is"));
  }
  final_path.resize(size);
  BY_HANDLE_FILE_INFORMATION info;
  if (!GetFileInformationByHandle(file.get(), &info)) {
    return Win32Status(GetLastError(), absl::StrCat("looking at ", path));
  }
  if ((info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 ||
      !absl::EqualsIgnoreCase(ToUtf8(final_path), ToUtf8(VerbatimPath(path)))) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is a link, or lies behind one: ", ToUtf8(final_path)));
  }
  return file;
}

}  // namespace paddock
