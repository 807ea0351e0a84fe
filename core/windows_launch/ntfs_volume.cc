#include "core/windows_launch/ntfs_volume.h"

#include "core/windows_launch/wide.h"
// Behind windows.h, which it needs.
#include <winternl.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/access/binary.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/descriptor.h"

namespace paddock {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
// Asks for no data, so that nobody who has the file open for himself alone is in the way. Other rights are asked for by
// a handle of their own when they are needed.
constexpr ACCESS_MASK kLook = READ_CONTROL | FILE_READ_ATTRIBUTES | SYNCHRONIZE;
constexpr ULONG kAsItself = FILE_OPEN_REPARSE_POINT | FILE_OPEN_FOR_BACKUP_INTENT | FILE_SYNCHRONOUS_IO_NONALERT;

absl::Status NtFailure(NTSTATUS status, absl::string_view tried) {
  return Win32Status(RtlNtStatusToDosError(status), tried);
}

// Opens or makes `name`, one component or empty for `parent` itself, relative to the handle.
NTSTATUS OpenRelative(HANDLE parent, std::wstring name, ACCESS_MASK access, ULONG disposition, ULONG attributes,
                      ULONG options, UniqueFileHandle* file) {
  UNICODE_STRING text = {};
  text.Length = text.MaximumLength = static_cast<USHORT>(name.size() * sizeof(wchar_t));
  text.Buffer = name.data();
  OBJECT_ATTRIBUTES object = {};
  object.Length = sizeof(object);
  object.RootDirectory = parent;
  object.ObjectName = &text;
  object.Attributes = OBJ_CASE_INSENSITIVE;
  IO_STATUS_BLOCK io = {};
  HANDLE opened = nullptr;
  const NTSTATUS status = NtCreateFile(&opened, access, &object, &io, nullptr, attributes, kShareAll, disposition,
                                       options | kAsItself, nullptr, 0);
  if (NT_SUCCESS(status)) file->reset(opened);
  return status;
}

// A name that could be read as more than one name, or as a stream of a file, leads elsewhere.
absl::StatusOr<std::wstring> OneName(absl::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.find_first_of("\\/:") != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("'", name, "' is not the name of one file"));
  }
  return WideText(name);
}

absl::StatusOr<FileInfo> Look(HANDLE file) {
  FILE_ID_INFO id = {};
  FILE_BASIC_INFO basic = {};
  FILE_STANDARD_INFO standard = {};
  if (!GetFileInformationByHandleEx(file, FileIdInfo, &id, sizeof(id)) ||
      !GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof(basic)) ||
      !GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof(standard))) {
    return Win32Status(GetLastError(), "asking what a file is");
  }
  FileInfo info;
  info.key.volume = id.VolumeSerialNumber;
  static_assert(sizeof(id.FileId) == sizeof(info.key.id));
  std::memcpy(info.key.id.data(), &id.FileId, info.key.id.size());
  info.directory = (basic.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  info.reparse_point = (basic.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
  info.links = standard.NumberOfLinks;
  return info;
}

class NtfsFile : public AclFile {
 public:
  static absl::StatusOr<std::unique_ptr<AclFile>> Make(UniqueFileHandle file) {
    ASSIGN_OR_RETURN(FileInfo info, Look(file.get()));
    return std::unique_ptr<AclFile>(new NtfsFile(std::move(file), info));
  }

  const FileInfo& info() const override { return info_; }
  absl::StatusOr<access::SecurityDescriptor> Read() override;
  absl::Status WriteDacl(const access::Acl& dacl, uint16_t control) override;
  absl::StatusOr<access::Acl> ReadLabel() override;
  absl::Status WriteLabel(const access::Acl& label) override;
  absl::StatusOr<std::vector<std::string>> List() override;
  absl::StatusOr<std::unique_ptr<AclFile>> OpenChild(absl::string_view name) override;
  absl::StatusOr<std::unique_ptr<AclFile>> MakeHiddenDirectory(absl::string_view name) override;
  absl::Status Remove() override;
  absl::Status MoveTo(AclFile& directory, absl::string_view name) override;

 private:
  NtfsFile(UniqueFileHandle file, const FileInfo& info) : file_(std::move(file)), info_(info) {}

  // The same file for more; no name is looked up again.
  absl::StatusOr<UniqueFileHandle> Again(ACCESS_MASK access, absl::string_view tried) const;

  UniqueFileHandle file_;
  const FileInfo info_;
};

absl::StatusOr<UniqueFileHandle> NtfsFile::Again(ACCESS_MASK access, absl::string_view tried) const {
  UniqueFileHandle file;
  const NTSTATUS status = OpenRelative(file_.get(), L"", access | SYNCHRONIZE, FILE_OPEN, 0, 0, &file);
  if (!NT_SUCCESS(status)) return NtFailure(status, tried);
  return file;
}

absl::StatusOr<access::SecurityDescriptor> DescriptorOf(HANDLE file, SECURITY_INFORMATION parts) {
  std::string bytes(1024, '\0');
  DWORD needed = 0;
  while (!GetKernelObjectSecurity(file, parts, bytes.data(), static_cast<DWORD>(bytes.size()), &needed)) {
    const DWORD error = GetLastError();
    if (error != ERROR_INSUFFICIENT_BUFFER || needed <= bytes.size()) {
      return Win32Status(error, "reading the permissions of a file");
    }
    bytes.resize(needed);
  }
  bytes.resize(GetSecurityDescriptorLength(bytes.data()));
  return access::ParseBinary(bytes);
}

absl::StatusOr<access::SecurityDescriptor> NtfsFile::Read() {
  return DescriptorOf(file_.get(), OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION);
}

absl::StatusOr<access::Acl> NtfsFile::ReadLabel() {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, DescriptorOf(file_.get(), LABEL_SECURITY_INFORMATION));
  return descriptor.sacl;
}

absl::Status NtfsFile::WriteLabel(const access::Acl& label) {
  constexpr absl::string_view kTried = "labelling a file";
  ASSIGN_OR_RETURN(const UniqueFileHandle file, Again(WRITE_OWNER, kTried));
  access::SecurityDescriptor descriptor;
  descriptor.set_sacl(label);
  ASSIGN_OR_RETURN(const DescriptorBuffer buffer, DescriptorBuffer::Make(descriptor));
  if (!SetKernelObjectSecurity(file.get(), LABEL_SECURITY_INFORMATION, buffer.get())) {
    return Win32Status(GetLastError(), kTried);
  }
  return absl::OkStatus();
}

absl::Status NtfsFile::WriteDacl(const access::Acl& dacl, uint16_t control) {
  constexpr absl::string_view kTried = "changing the permissions of a file";
  ASSIGN_OR_RETURN(const UniqueFileHandle file, Again(WRITE_DAC, kTried));
  access::SecurityDescriptor descriptor;
  descriptor.set_dacl(dacl);
  descriptor.control = control & (access::kDaclProtected | access::kDaclAutoInherited);
  // The bit is taken over only together with the request for it (Microsoft Learn, "SECURITY_DESCRIPTOR_CONTROL").
  if ((control & access::kDaclAutoInherited) != 0) descriptor.control |= access::kDaclAutoInheritRequired;
  ASSIGN_OR_RETURN(const DescriptorBuffer buffer, DescriptorBuffer::Make(descriptor));
  // Not SetSecurityInfo, which would go down the tree.
  if (!SetKernelObjectSecurity(file.get(), DACL_SECURITY_INFORMATION, buffer.get())) {
    return Win32Status(GetLastError(), kTried);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> NtfsFile::List() {
  constexpr absl::string_view kTried = "listing a directory";
  ASSIGN_OR_RETURN(const UniqueFileHandle file, Again(FILE_LIST_DIRECTORY, kTried));
  std::vector<std::string> names;
  alignas(FILE_ID_BOTH_DIR_INFO) static thread_local char buffer[65536];
  FILE_INFO_BY_HANDLE_CLASS what = FileIdBothDirectoryRestartInfo;
  while (GetFileInformationByHandleEx(file.get(), what, buffer, sizeof(buffer))) {
    what = FileIdBothDirectoryInfo;
    for (const char* at = buffer;;) {
      const auto* const entry = reinterpret_cast<const FILE_ID_BOTH_DIR_INFO*>(at);
      const std::wstring wide(entry->FileName, entry->FileNameLength / sizeof(wchar_t));
      std::string name = Utf16ToUtf8(std::u16string(wide.begin(), wide.end()));
      if (name != "." && name != "..") names.push_back(std::move(name));
      if (entry->NextEntryOffset == 0) break;
      at += entry->NextEntryOffset;
    }
  }
  if (GetLastError() != ERROR_NO_MORE_FILES) return Win32Status(GetLastError(), kTried);
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::unique_ptr<AclFile>> NtfsFile::OpenChild(absl::string_view name) {
  ASSIGN_OR_RETURN(std::wstring wide, OneName(name));
  UniqueFileHandle file;
  const NTSTATUS status = OpenRelative(file_.get(), std::move(wide), kLook, FILE_OPEN, 0, 0, &file);
  if (!NT_SUCCESS(status)) return NtFailure(status, absl::StrCat("opening ", name));
  return Make(std::move(file));
}

absl::StatusOr<std::unique_ptr<AclFile>> NtfsFile::MakeHiddenDirectory(absl::string_view name) {
  ASSIGN_OR_RETURN(std::wstring wide, OneName(name));
  UniqueFileHandle file;
  const NTSTATUS status =
      OpenRelative(file_.get(), std::move(wide), kLook, FILE_CREATE, FILE_ATTRIBUTE_HIDDEN, FILE_DIRECTORY_FILE, &file);
  if (!NT_SUCCESS(status)) return NtFailure(status, absl::StrCat("making the directory ", name));
  return Make(std::move(file));
}

absl::Status NtfsFile::Remove() {
  constexpr absl::string_view kTried = "removing a file";
  // FileDispositionInfoEx with FILE_DISPOSITION_INFO_EX, of Windows 10 1607; not in older headers.
  constexpr auto kDispositionEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(21);
  constexpr DWORD kDelete = 0x1, kPosix = 0x2, kIgnoreReadOnly = 0x10;
  ASSIGN_OR_RETURN(const UniqueFileHandle file, Again(DELETE | FILE_WRITE_ATTRIBUTES, kTried));
  DWORD flags = kDelete | kPosix | kIgnoreReadOnly;
  if (SetFileInformationByHandle(file.get(), kDispositionEx, &flags, sizeof(flags))) return absl::OkStatus();
  DWORD error = GetLastError();
  if (error != ERROR_DIR_NOT_EMPTY) {
    FILE_BASIC_INFO basic = {};
    basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    SetFileInformationByHandle(file.get(), FileBasicInfo, &basic, sizeof(basic));
    FILE_DISPOSITION_INFO disposition = {TRUE};
    if (SetFileInformationByHandle(file.get(), FileDispositionInfo, &disposition, sizeof(disposition))) {
      return absl::OkStatus();
    }
    error = GetLastError();
  }
  if (error == ERROR_DIR_NOT_EMPTY) return absl::FailedPreconditionError("the directory is not empty");
  return Win32Status(error, kTried);
}

absl::Status NtfsFile::MoveTo(AclFile& directory, absl::string_view name) {
  const std::string tried = absl::StrCat("moving a file to the name ", name);
  ASSIGN_OR_RETURN(const std::wstring wide, OneName(name));
  // All that these volumes open are of this class.
  const auto& target = static_cast<const NtfsFile&>(directory);
  ASSIGN_OR_RETURN(const UniqueFileHandle file, Again(DELETE, tried));
  const size_t bytes = wide.size() * sizeof(wchar_t);
  std::vector<std::max_align_t> buffer((sizeof(FILE_RENAME_INFORMATION) + bytes) / sizeof(std::max_align_t) + 1);
  auto* const rename = reinterpret_cast<FILE_RENAME_INFORMATION*>(buffer.data());
  rename->RootDirectory = target.file_.get();
  rename->FileNameLength = static_cast<ULONG>(bytes);
  std::memcpy(rename->FileName, wide.data(), bytes);
  IO_STATUS_BLOCK io = {};
  const NTSTATUS status = NtSetInformationFile(file.get(), &io, rename,
                                               static_cast<ULONG>(offsetof(FILE_RENAME_INFORMATION, FileName) + bytes),
                                               FileRenameInformation);
  return NT_SUCCESS(status) ? absl::OkStatus() : NtFailure(status, tried);
}

class NtfsVolumes : public AclVolumes {
 public:
  absl::StatusOr<std::unique_ptr<AclFile>> Open(absl::string_view path) override {
    ASSIGN_OR_RETURN(UniqueFileHandle file, OpenPath(path));
    return NtfsFile::Make(std::move(file));
  }

  absl::StatusOr<std::unique_ptr<AclFile>> OpenByKey(const FileKey& key, absl::string_view path_hint) override;

 private:
  static absl::StatusOr<UniqueFileHandle> OpenPath(absl::string_view path) {
    ASSIGN_OR_RETURN(const std::wstring wide, WidePath(path));
    UniqueFileHandle file(CreateFileW(wide.c_str(), kLook, kShareAll, nullptr, OPEN_EXISTING,
                                      FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!file.valid()) return Win32Status(GetLastError(), absl::StrCat("opening ", path));
    return file;
  }
};

absl::StatusOr<std::unique_ptr<AclFile>> NtfsVolumes::OpenByKey(const FileKey& key, absl::string_view path_hint) {
  ASSIGN_OR_RETURN(const std::wstring hint, WidePath(path_hint));
  std::wstring top(hint.size() + MAX_PATH, L'\0');
  if (!GetVolumePathNameW(hint.c_str(), top.data(), static_cast<DWORD>(top.size()))) {
    return absl::UnavailableError(absl::StrCat("no volume at ", path_hint, ": ", Win32Message(GetLastError())));
  }
  const UniqueFileHandle volume(CreateFileW(top.c_str(), FILE_READ_ATTRIBUTES, kShareAll, nullptr, OPEN_EXISTING,
                                            FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!volume.valid()) {
    return absl::UnavailableError(absl::StrCat("no volume at ", path_hint, ": ", Win32Message(GetLastError())));
  }
  ASSIGN_OR_RETURN(const FileInfo info, Look(volume.get()));
  if (info.key.volume != key.volume)
    return absl::UnavailableError(absl::StrCat(path_hint, " is on another volume now"));
  FILE_ID_DESCRIPTOR id = {};
  id.dwSize = sizeof(id);
  id.Type = ExtendedFileIdType;
  std::memcpy(&id.ExtendedFileId, key.id.data(), key.id.size());
  constexpr DWORD kFlags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
  UniqueFileHandle file(OpenFileById(volume.get(), &id, kLook, kShareAll, nullptr, kFlags));
  if (!file.valid()) {
    const DWORD error = GetLastError();
    // What NTFS says of a number that no file has.
    if (error == ERROR_INVALID_PARAMETER) return absl::NotFoundError("the file is gone");
    return Win32Status(error, "opening a file by its number");
  }
  return NtfsFile::Make(std::move(file));
}

}  // namespace

std::unique_ptr<AclVolumes> MakeNtfsVolumes() { return std::make_unique<NtfsVolumes>(); }

}  // namespace paddock
