#include "core/platform/windows/path_lookup.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/host/windows_decode.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

constexpr DWORD kLongestPath = 32768;

// FILE_FLAG_BACKUP_SEMANTICS: directories too (Microsoft Learn, "CreateFile"). No right but to look is asked for.
UniqueFileHandle OpenToLook(const std::string& path, DWORD flags) {
  return UniqueFileHandle(CreateFileW(ToWide(path).c_str(), FILE_READ_ATTRIBUTES,
                                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                      FILE_FLAG_BACKUP_SEMANTICS | flags, nullptr));
}

bool IsAbsent(DWORD error) {
  return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND || error == ERROR_INVALID_NAME ||
         error == ERROR_BAD_NETPATH || error == ERROR_BAD_NET_NAME || error == ERROR_INVALID_DRIVE;
}

PathType TypeOf(HANDLE file, DWORD attributes) {
  if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    FILE_ATTRIBUTE_TAG_INFO tag = {};
    if (!GetFileInformationByHandleEx(file, FileAttributeTagInfo, &tag, sizeof(tag))) return PathType::kUnreadable;
    if (tag.ReparseTag == IO_REPARSE_TAG_SYMLINK || tag.ReparseTag == IO_REPARSE_TAG_MOUNT_POINT) {
      return PathType::kSymlink;
    }
  }
  return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? PathType::kDirectory : PathType::kFile;
}

}  // namespace

absl::StatusOr<std::string> FinalPathOf(const std::string& path) {
  const UniqueFileHandle file = OpenToLook(path, 0);
  if (!file.valid()) return Win32Status(GetLastError(), absl::StrCat("opening ", path));
  std::wstring buffer(kLongestPath, L'\0');
  const DWORD length =
      GetFinalPathNameByHandleW(file.get(), buffer.data(), kLongestPath, FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
  if (length == 0 || length >= kLongestPath)
    return Win32Status(GetLastError(), absl::StrCat("the final path of ", path));
  return ToUtf8({buffer.data(), length});
}

PathFacts LookAtWindowsPath(const std::string& path) {
  PathFacts facts;
  const UniqueFileHandle file = OpenToLook(path, FILE_FLAG_OPEN_REPARSE_POINT);
  if (!file.valid()) {
    facts.type = IsAbsent(GetLastError()) ? PathType::kAbsent : PathType::kUnreadable;
    return facts;
  }
  if (GetFileType(file.get()) != FILE_TYPE_DISK) {
    facts.type = PathType::kDevice;
    return facts;
  }
  BY_HANDLE_FILE_INFORMATION information = {};
  if (!GetFileInformationByHandle(file.get(), &information)) {
    facts.type = PathType::kUnreadable;
    return facts;
  }
  facts.type = TypeOf(file.get(), information.dwFileAttributes);
  facts.device = information.dwVolumeSerialNumber;
  facts.inode = (uint64_t{information.nFileIndexHigh} << 32) | information.nFileIndexLow;
  const auto final_path = FinalPathOf(path);
  if (final_path.ok()) facts.real_path = WithoutVerbatimPrefix(*final_path);
  facts.crosses_symlink = facts.type == PathType::kSymlink || !absl::EqualsIgnoreCase(facts.real_path, path);
  return facts;
}

}  // namespace paddock
