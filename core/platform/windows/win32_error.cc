#include "core/platform/windows/win32_error.h"

#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

struct CodeRow {
  DWORD error;
  absl::StatusCode code;
};

constexpr CodeRow kCodes[] = {
    {ERROR_FILE_NOT_FOUND, absl::StatusCode::kNotFound},
    {ERROR_PATH_NOT_FOUND, absl::StatusCode::kNotFound},
    {ERROR_INVALID_DRIVE, absl::StatusCode::kNotFound},
    {ERROR_BAD_NETPATH, absl::StatusCode::kNotFound},
    {ERROR_BAD_NET_NAME, absl::StatusCode::kNotFound},
    {ERROR_MOD_NOT_FOUND, absl::StatusCode::kNotFound},
    {ERROR_PROC_NOT_FOUND, absl::StatusCode::kNotFound},
    {ERROR_ACCESS_DENIED, absl::StatusCode::kPermissionDenied},
    {ERROR_PRIVILEGE_NOT_HELD, absl::StatusCode::kPermissionDenied},
    {ERROR_WRITE_PROTECT, absl::StatusCode::kPermissionDenied},
    {ERROR_SHARING_VIOLATION, absl::StatusCode::kUnavailable},
    {ERROR_LOCK_VIOLATION, absl::StatusCode::kUnavailable},
    {ERROR_NOT_READY, absl::StatusCode::kUnavailable},
    {ERROR_BROKEN_PIPE, absl::StatusCode::kUnavailable},
    {ERROR_NO_DATA, absl::StatusCode::kUnavailable},
    {ERROR_NOT_SUPPORTED, absl::StatusCode::kUnavailable},
    {ERROR_CALL_NOT_IMPLEMENTED, absl::StatusCode::kUnavailable},
    {ERROR_FILE_EXISTS, absl::StatusCode::kAlreadyExists},
    {ERROR_ALREADY_EXISTS, absl::StatusCode::kAlreadyExists},
    {ERROR_INVALID_NAME, absl::StatusCode::kInvalidArgument},
    {ERROR_FILENAME_EXCED_RANGE, absl::StatusCode::kInvalidArgument},
    {ERROR_DIRECTORY, absl::StatusCode::kInvalidArgument},
    {ERROR_DISK_FULL, absl::StatusCode::kResourceExhausted},
    {ERROR_HANDLE_DISK_FULL, absl::StatusCode::kResourceExhausted},
    {ERROR_NOT_ENOUGH_MEMORY, absl::StatusCode::kResourceExhausted},
};

}  // namespace

std::string Win32Message(uint32_t error) {
  wchar_t text[512];
  const DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, error, 0,
                                      text, static_cast<DWORD>(std::size(text)), nullptr);
  std::string message = ToUtf8({text, length});
  while (!message.empty() && (absl::ascii_isspace(static_cast<unsigned char>(message.back())) || message.back() == '.'))
    message.pop_back();
  return absl::StrCat(message, message.empty() ? "" : " ", "(error ", error, ")");
}

absl::Status Win32Status(uint32_t error, absl::string_view tried) {
  absl::StatusCode code = absl::StatusCode::kInternal;
  for (const CodeRow& row : kCodes) {
    if (row.error == error) code = row.code;
  }
  return absl::Status(code, absl::StrCat(tried, ": ", Win32Message(error)));
}

}  // namespace paddock
