#include "backends/windows_sandbox/launch_mail_folder.h"

#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/launch_folder.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

// Of a file that is open for writing, or is being deleted: it may be there in a moment.
bool IsPassing(DWORD error) {
  return error == ERROR_SHARING_VIOLATION || error == ERROR_ACCESS_DENIED || error == ERROR_DELETE_PENDING ||
         error == ERROR_LOCK_VIOLATION;
}

absl::Status Passing(DWORD error, absl::string_view name) {
  if (IsPassing(error)) return absl::UnavailableError(absl::StrCat(name, ": ", Win32Message(error)));
  return Win32Status(error, name);
}

uint64_t Size(DWORD high, DWORD low) { return static_cast<uint64_t>(high) << 32 | low; }

}  // namespace

absl::StatusOr<std::unique_ptr<HostMailFolder>> HostMailFolder::Open(const std::string& path) {
  std::unique_ptr<HostMailFolder> opened(new HostMailFolder);
  ASSIGN_OR_RETURN(opened->path_, LongPath(path));
  opened->path_ += L"\\";
  opened->folder_.reset(CreateFileW(opened->path_.c_str(), FILE_LIST_DIRECTORY, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                    nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED,
                                    nullptr));
  opened->changed_.reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!opened->folder_.valid() || !opened->changed_.valid()) {
    return Win32Status(GetLastError(), absl::StrCat("opening ", path));
  }
  opened->WatchAgain();
  return opened;
}

HostMailFolder::~HostMailFolder() {
  DWORD got = 0;
  if (CancelIoEx(folder_.get(), &operation_)) GetOverlappedResult(folder_.get(), &operation_, &got, TRUE);
}

// What changed is looked for, not read from the buffer, which may have overflowed.
void HostMailFolder::WatchAgain() {
  ResetEvent(changed_.get());
  operation_ = {};
  operation_.hEvent = changed_.get();
  ReadDirectoryChangesW(folder_.get(), buffer_, sizeof(buffer_), FALSE,
                        FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_SIZE, nullptr, &operation_, nullptr);
}

absl::StatusOr<std::vector<MailEntry>> HostMailFolder::List(size_t most) {
  std::vector<MailEntry> entries;
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(FindFirstFileW((path_ + L"*").c_str(), &data));
  if (!find.valid()) return Win32Status(GetLastError(), "listing the mailbox");
  do {
    const std::wstring name = data.cFileName;
    if (name == L"." || name == L"..") continue;
    const bool plain = (data.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == 0;
    entries.push_back({ToUtf8(name), Size(data.nFileSizeHigh, data.nFileSizeLow), plain});
  } while (entries.size() <= most && FindNextFileW(find.get(), &data));
  return entries;
}

absl::StatusOr<std::string> HostMailFolder::Read(absl::string_view name, size_t most) {
  // While it is open nobody can write to it.
  const UniqueFileHandle file(CreateFileW((path_ + ToWide(name)).c_str(), GENERIC_READ,
                                          FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                          FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (!file.valid()) return Passing(GetLastError(), name);
  BY_HANDLE_FILE_INFORMATION info = {};
  if (!GetFileInformationByHandle(file.get(), &info)) return Win32Status(GetLastError(), name);
  const DWORD not_plain = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE;
  if (GetFileType(file.get()) != FILE_TYPE_DISK || (info.dwFileAttributes & not_plain) != 0 ||
      info.nNumberOfLinks != 1) {
    return absl::FailedPreconditionError(absl::StrCat(name, " is a link, or has two names"));
  }
  if (Size(info.nFileSizeHigh, info.nFileSizeLow) > most) {
    return absl::OutOfRangeError(absl::StrCat(name, " holds more than ", most, " bytes"));
  }
  std::string bytes(info.nFileSizeLow, '\0');
  DWORD got = 0;
  if (!ReadFile(file.get(), bytes.data(), info.nFileSizeLow, &got, nullptr)) return Passing(GetLastError(), name);
  bytes.resize(got);
  return bytes;
}

absl::Status HostMailFolder::Remove(absl::string_view name) {
  if (DeleteFileW((path_ + ToWide(name)).c_str())) return absl::OkStatus();
  const DWORD error = GetLastError();
  return error == ERROR_FILE_NOT_FOUND ? absl::OkStatus() : Passing(error, name);
}

}  // namespace paddock
