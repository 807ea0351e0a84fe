#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/symbols.h"
#include "core/windows_launch/wide.h"

namespace paddock {
namespace {

constexpr absl::string_view kLockSuffix = ".lock", kNewSuffix = ".new";
constexpr size_t kNewDigits = 16;
constexpr uint64_t kMostBytes = 64u << 20;

class FileLock : public LeaseState::Lock {
 public:
  explicit FileLock(UniqueFileHandle file) : file_(std::move(file)) {}

 private:
  UniqueFileHandle file_;
};

class StateDirectory : public LeaseState {
 public:
  explicit StateDirectory(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<std::vector<std::string>> List() override;
  // What Replace had not moved into its place yet, of whoever was killed or is about to.
  absl::StatusOr<std::vector<std::string>> Unfinished() const;
  absl::StatusOr<std::string> Read(absl::string_view name) override;
  absl::Status Replace(absl::string_view name, absl::string_view content) override;
  absl::Status Rename(absl::string_view name, absl::string_view other) override;
  absl::Status Remove(absl::string_view name) override;
  absl::StatusOr<std::unique_ptr<Lock>> Acquire(absl::string_view name, LockKind kind) override {
    return TakeLock(name, kind, true);
  }
  absl::StatusOr<std::unique_ptr<Lock>> TryAcquire(absl::string_view name, LockKind kind) override {
    return TakeLock(name, kind, false);
  }
  void ForgetLock(absl::string_view name) override { (void)Remove(absl::StrCat(name, kLockSuffix)); }

 private:
  absl::StatusOr<std::vector<std::string>> AllNames() const;
  absl::StatusOr<std::wstring> PathOf(absl::string_view name) const;
  absl::StatusOr<std::unique_ptr<Lock>> TakeLock(absl::string_view name, LockKind kind, bool wait);

  const std::string path_;
};

absl::StatusOr<std::wstring> StateDirectory::PathOf(absl::string_view name) const {
  if (name.empty() || name.find_first_of("\\/:") != absl::string_view::npos || absl::StartsWith(name, ".")) {
    return absl::InvalidArgumentError(absl::StrCat("'", name, "' is no name of a file of Paddock's state"));
  }
  return WidePath(absl::StrCat(path_, "\\", name));
}

absl::StatusOr<std::vector<std::string>> StateDirectory::AllNames() const {
  ASSIGN_OR_RETURN(const std::wstring pattern, WidePath(path_));
  std::vector<std::string> names;
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(FindFirstFileW((pattern + L"\\*").c_str(), &data));
  if (!find.valid()) return Win32Status(GetLastError(), absl::StrCat("listing ", path_));
  do {
    if ((data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0) names.push_back(ToUtf8(data.cFileName));
  } while (FindNextFileW(find.get(), &data));
  if (GetLastError() != ERROR_NO_MORE_FILES) return Win32Status(GetLastError(), absl::StrCat("listing ", path_));
  return names;
}

absl::StatusOr<std::vector<std::string>> StateDirectory::List() {
  ASSIGN_OR_RETURN(std::vector<std::string> names, AllNames());
  std::erase_if(names, [](const std::string& name) {
    return absl::EndsWith(name, kLockSuffix) || absl::EndsWith(name, kNewSuffix);
  });
  return names;
}

absl::StatusOr<std::vector<std::string>> StateDirectory::Unfinished() const {
  ASSIGN_OR_RETURN(std::vector<std::string> names, AllNames());
  std::erase_if(names, [](const std::string& name) {
    const size_t tail = kNewDigits + kNewSuffix.size() + 1;
    return !absl::EndsWith(name, kNewSuffix) || name.size() <= tail || name[name.size() - tail] != '-';
  });
  return names;
}

absl::StatusOr<std::string> StateDirectory::Read(absl::string_view name) {
  const std::string tried = absl::StrCat("reading ", path_, "\\", name);
  ASSIGN_OR_RETURN(const std::wstring path, PathOf(name));
  const UniqueFileHandle file(CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                                          OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  LARGE_INTEGER size = {};
  if (!file.valid() || !GetFileSizeEx(file.get(), &size)) return Win32Status(GetLastError(), tried);
  if (static_cast<uint64_t>(size.QuadPart) > kMostBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(tried, ": it is longer than ", kMostBytes, " bytes"));
  }
  std::string content(static_cast<size_t>(size.QuadPart), '\0');
  DWORD got = 0;
  if (!ReadFile(file.get(), content.data(), static_cast<DWORD>(content.size()), &got, nullptr)) {
    return Win32Status(GetLastError(), tried);
  }
  content.resize(got);
  return content;
}

// A name of its own for each attempt: what a killed one left is in nobody's way, is never taken for state, and goes
// with RemoveUnfinished.
absl::Status StateDirectory::Replace(absl::string_view name, absl::string_view content) {
  const std::string tried = absl::StrCat("writing ", path_, "\\", name);
  ASSIGN_OR_RETURN(const std::wstring path, PathOf(name));
  ASSIGN_OR_RETURN(const std::string random, RandomHex(kNewDigits));
  ASSIGN_OR_RETURN(const std::wstring fresh, PathOf(absl::StrCat(name, "-", random, kNewSuffix)));
  UniqueFileHandle file(CreateFileW(fresh.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr));
  if (!file.valid()) return Win32Status(GetLastError(), tried);
  DWORD written = 0;
  const bool whole = WriteFile(file.get(), content.data(), static_cast<DWORD>(content.size()), &written, nullptr) &&
                     written == content.size() && FlushFileBuffers(file.get());
  DWORD error = GetLastError();
  file.reset();
  if (whole && MoveFileExW(fresh.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
    return absl::OkStatus();
  }
  if (whole) error = GetLastError();
  DeleteFileW(fresh.c_str());
  return Win32Status(error, tried);
}

absl::Status StateDirectory::Rename(absl::string_view name, absl::string_view other) {
  ASSIGN_OR_RETURN(const std::wstring from, PathOf(name));
  ASSIGN_OR_RETURN(const std::wstring to, PathOf(other));
  if (MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_WRITE_THROUGH)) return absl::OkStatus();
  return Win32Status(GetLastError(), absl::StrCat("renaming ", path_, "\\", name, " to ", other));
}

absl::Status StateDirectory::Remove(absl::string_view name) {
  ASSIGN_OR_RETURN(const std::wstring path, PathOf(name));
  if (DeleteFileW(path.c_str())) return absl::OkStatus();
  return Win32Status(GetLastError(), absl::StrCat("removing ", path_, "\\", name));
}

absl::StatusOr<std::unique_ptr<LeaseState::Lock>> StateDirectory::TakeLock(absl::string_view name, LockKind kind,
                                                                           bool wait) {
  const std::string tried = absl::StrCat("locking ", path_, "\\", name);
  ASSIGN_OR_RETURN(const std::wstring path, PathOf(absl::StrCat(name, kLockSuffix)));
  UniqueFileHandle file(CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_ALWAYS,
                                    FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (!file.valid()) return Win32Status(GetLastError(), tried);
  OVERLAPPED whole = {};
  const DWORD flags =
      (kind == LockKind::kExclusive ? LOCKFILE_EXCLUSIVE_LOCK : 0u) | (wait ? 0u : LOCKFILE_FAIL_IMMEDIATELY);
  if (LockFileEx(file.get(), flags, 0, 1, 0, &whole)) return std::make_unique<FileLock>(std::move(file));
  const DWORD error = GetLastError();
  if (!wait && (error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING)) return nullptr;
  return Win32Status(error, tried);
}

}  // namespace

absl::Status MakeDirectories(const std::string& path) {
  ASSIGN_OR_RETURN(const std::wstring wide, WidePath(path));
  if (CreateDirectoryW(wide.c_str(), nullptr) || GetLastError() == ERROR_ALREADY_EXISTS) return absl::OkStatus();
  const DWORD error = GetLastError();
  const auto parsed = WindowsPath::Parse(path);
  const auto parent = parsed.ok() ? parsed->Join("..") : parsed;
  if (error != ERROR_PATH_NOT_FOUND || !parent.ok() || parsed->IsRoot()) {
    return Win32Status(error, absl::StrCat("making the directory ", path));
  }
  RETURN_IF_ERROR(MakeDirectories(parent->ToString()));
  if (CreateDirectoryW(wide.c_str(), nullptr) || GetLastError() == ERROR_ALREADY_EXISTS) return absl::OkStatus();
  return Win32Status(GetLastError(), absl::StrCat("making the directory ", path));
}

absl::Status RemoveUnfinished(const std::string& path,
                              const std::function<std::string(absl::string_view record)>& lock_of) {
  StateDirectory state(path);
  ASSIGN_OR_RETURN(const std::vector<std::string> names, state.Unfinished());
  for (const std::string& name : names) {
    const std::string record = name.substr(0, name.size() - kNewSuffix.size() - kNewDigits - 1);
    ASSIGN_OR_RETURN(const auto lock, state.TryAcquire(lock_of(record), LeaseState::LockKind::kExclusive));
    if (lock != nullptr) (void)state.Remove(name);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<LeaseState>> OpenLeaseState(const std::string& path) {
  RETURN_IF_ERROR(MakeDirectories(path));
  return std::make_unique<StateDirectory>(path);
}

}  // namespace paddock
