#include "core/platform/files.h"

#include <io.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

constexpr int kStderr = 2;

HANDLE HandleOf(int descriptor) {
  const intptr_t handle = _get_osfhandle(descriptor);
  return handle < 0 ? INVALID_HANDLE_VALUE : reinterpret_cast<HANDLE>(handle);
}

// All of them are the caller's to mend.
absl::Status BadPath(absl::string_view path, absl::string_view tried, DWORD error) {
  return absl::InvalidArgumentError(Win32Status(error, absl::StrCat(path, ": ", tried)).message());
}

absl::Status Gone(DWORD error, absl::string_view tried) {
  if (error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA) {
    return absl::UnavailableError("nobody reads the output any more");
  }
  return Win32Status(error, tried);
}

// A console takes characters; bytes would be read in its code page, which is rarely UTF-8.
absl::Status WriteConsoleText(HANDLE console, absl::string_view text) {
  DWORD mode = 0;
  if (GetConsoleMode(console, &mode)) SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  const std::wstring wide = ToWide(text);
  constexpr size_t kMost = 16384;  // more may not fit into the console's own buffer
  for (size_t at = 0; at < wide.size();) {
    DWORD written = 0;
    const DWORD count = static_cast<DWORD>(std::min(kMost, wide.size() - at));
    if (!WriteConsoleW(console, wide.data() + at, count, &written, nullptr) || written == 0) {
      return Gone(GetLastError(), "writing to the console");
    }
    at += written;
  }
  return absl::OkStatus();
}

absl::Status WriteHandle(HANDLE handle, absl::string_view text, absl::string_view tried) {
  constexpr size_t kMost = 1u << 20;
  while (!text.empty()) {
    DWORD written = 0;
    if (!WriteFile(handle, text.data(), static_cast<DWORD>(std::min(kMost, text.size())), &written, nullptr)) {
      return Gone(GetLastError(), tried);
    }
    text.remove_prefix(written);
  }
  return absl::OkStatus();
}

// "dir\name" → {"dir", "name"}; the name is empty for "dir\". "C:name" is in the current directory of that drive.
std::pair<std::string, std::string> SplitPath(const std::string& path) {
  const size_t at = path.find_last_of("/\\:");
  if (at == std::string::npos) return {".", path};
  return {path.substr(0, at + 1), path.substr(at + 1)};
}

// CREATE_NEW never opens what somebody else has put there, a link least of all.
UniqueFileHandle CreateTemporary(const std::wstring& path) {
  DeleteFileW(path.c_str());  // of a process that had our number and was killed
  return UniqueFileHandle(CreateFileW(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ, nullptr, CREATE_NEW,
                                      FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
}

// Whether `path` is a device, pipe or console: written in place. What cannot be opened is looked at by the caller.
UniqueFileHandle OpenDevice(const std::string& path) {
  UniqueFileHandle file(CreateFileW(ToWide(path).c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (file.valid() && GetFileType(file.get()) == FILE_TYPE_DISK) file.reset();
  return file;
}

}  // namespace

// Negative ones name the process and its thread, whatever is open.
bool IsOpenHandle(intptr_t handle) {
  DWORD flags = 0;
  return handle > 0 && GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags);
}

absl::Status WriteAll(int descriptor, absl::string_view text) {
  const HANDLE handle = HandleOf(descriptor);
  DWORD mode = 0;
  if (GetConsoleMode(handle, &mode)) return WriteConsoleText(handle, text);
  return WriteHandle(handle, text, absl::StrCat("writing to descriptor ", descriptor));
}

struct OutputFile::Target {
  std::string path;          // as given, for messages
  std::wstring name;         // empty: `in_place` or stderr is written
  std::wstring temporary;    // beside it
  UniqueFileHandle holding;  // the directory, which nobody can rename or delete until this is closed
  UniqueFileHandle in_place;
};

OutputFile::OutputFile(std::unique_ptr<Target> target) : target_(std::move(target)) {}
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;
OutputFile::~OutputFile() = default;

absl::StatusOr<OutputFile> OutputFile::Open(const std::string& path) {
  auto target = std::make_unique<Target>();
  target->path = path;
  if (path.empty()) return absl::InvalidArgumentError("the path of the report is empty");
  if (path == "-") return OutputFile(std::move(target));
  target->in_place = OpenDevice(path);
  if (target->in_place.valid()) return OutputFile(std::move(target));
  const DWORD attributes = GetFileAttributesW(ToWide(path).c_str());
  if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a directory"));
  }
  const auto [directory, name] = SplitPath(path);
  if (name.empty() || name == "." || name == "..") {
    return absl::InvalidArgumentError(absl::StrCat(path, " names a directory, not a file"));
  }
  // Without FILE_SHARE_DELETE: while this is open, the command cannot put another directory in its place.
  target->holding.reset(CreateFileW(ToWide(directory).c_str(), FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                    nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!target->holding.valid()) {
    return BadPath(path, absl::StrCat("opening the directory ", directory), GetLastError());
  }
  const std::string before = directory == "." ? "" : directory;
  target->temporary = ToWide(absl::StrCat(before, ".paddock-report-", GetCurrentProcessId()));
  if (!CreateTemporary(target->temporary).valid()) {
    return BadPath(path, absl::StrCat("creating a file in ", directory), GetLastError());
  }
  DeleteFileW(target->temporary.c_str());
  target->name = ToWide(path);
  return OutputFile(std::move(target));
}

absl::Status OutputFile::Commit(absl::string_view text) {
  if (target_->in_place.valid()) {
    return WriteHandle(target_->in_place.get(), text, absl::StrCat(target_->path, ": writing"));
  }
  if (target_->name.empty()) return WriteAll(kStderr, text);
  UniqueFileHandle file = CreateTemporary(target_->temporary);
  if (!file.valid()) return BadPath(target_->path, "creating a temporary file beside it", GetLastError());
  absl::Status written = WriteHandle(file.get(), text, absl::StrCat(target_->path, ": writing"));
  file.reset();
  // Replaces a symbolic link itself, never what it names.
  if (written.ok() && !MoveFileExW(target_->temporary.c_str(), target_->name.c_str(), MOVEFILE_REPLACE_EXISTING)) {
    written = BadPath(target_->path, "putting it in place", GetLastError());
  }
  if (!written.ok()) DeleteFileW(target_->temporary.c_str());
  return written;
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes) {
  const UniqueFileHandle file(CreateFileW(ToWide(path).c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                          nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file.valid()) {
    const DWORD error = GetLastError();
    const DWORD attributes = GetFileAttributesW(ToWide(path).c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": not a regular file"));
    }
    return Win32Status(error, absl::StrCat(path, ": opening it for reading"));
  }
  if (GetFileType(file.get()) != FILE_TYPE_DISK) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a regular file"));
  }
  std::string text;
  std::string buffer(1u << 16, '\0');
  while (true) {
    DWORD count = 0;
    if (!ReadFile(file.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &count, nullptr)) {
      return Win32Status(GetLastError(), absl::StrCat(path, ": reading"));
    }
    if (count == 0) return text;
    text.append(buffer.data(), count);
    if (text.size() > max_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": larger than ", max_bytes, " bytes"));
    }
  }
}

}  // namespace paddock
