#include "core/platform/windows/machine/machine_files.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/access/administration.h"
#include "core/access/binary.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/open_itself.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::machine {
namespace {

constexpr size_t kMostProgramBytes = 256u << 20;

bool IsAbsent(DWORD error) { return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND; }

bool IsDirectory(HANDLE file) {
  BY_HANDLE_FILE_INFORMATION info;
  return GetFileInformationByHandle(file, &info) && (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

absl::StatusOr<access::SecurityDescriptor> ReadDescriptor(const MachineCalls& calls, HANDLE file,
                                                          SECURITY_INFORMATION what, const std::string& path) {
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD error =
      calls.get_security_info(file, SE_FILE_OBJECT, what, nullptr, nullptr, nullptr, nullptr, &descriptor);
  if (error != ERROR_SUCCESS) return Win32Status(error, absl::StrCat("GetSecurityInfo ", path));
  const DWORD size = GetSecurityDescriptorLength(descriptor);
  auto parsed = access::ParseBinary({static_cast<const char*>(descriptor), size});
  LocalFree(descriptor);
  return parsed;
}

// A self-relative descriptor where calls of Windows can have it: aligned.
class AlignedDescriptor {
 public:
  static absl::StatusOr<AlignedDescriptor> Make(const access::SecurityDescriptor& descriptor) {
    ASSIGN_OR_RETURN(const std::string bytes, access::ToBinary(descriptor));
    AlignedDescriptor aligned;
    aligned.words_.resize(bytes.size() / sizeof(uint64_t) + 1);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(aligned.words_.data()));
    return aligned;
  }
  PSECURITY_DESCRIPTOR get() { return words_.data(); }
  PACL dacl() {
    BOOL present = FALSE, defaulted = FALSE;
    PACL acl = nullptr;
    return GetSecurityDescriptorDacl(get(), &present, &acl, &defaulted) && present ? acl : nullptr;
  }

 private:
  std::vector<uint64_t> words_;
};

absl::Status WriteList(const MachineCalls& calls, HANDLE file, const access::Acl& list, const std::string& path) {
  access::SecurityDescriptor descriptor;
  descriptor.set_dacl(list);
  ASSIGN_OR_RETURN(AlignedDescriptor aligned, AlignedDescriptor::Make(descriptor));
  const DWORD error = calls.set_security_info(file, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr,
                                              aligned.dacl(), nullptr);
  return error == ERROR_SUCCESS ? absl::OkStatus() : Win32Status(error, absl::StrCat("SetSecurityInfo ", path));
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  ASSIGN_OR_RETURN(const UniqueFileHandle file, OpenItself(path, FILE_READ_DATA));
  LARGE_INTEGER size;
  if (!GetFileSizeEx(file.get(), &size)) return Win32Status(GetLastError(), absl::StrCat("looking at ", path));
  if (size.QuadPart > static_cast<LONGLONG>(kMostProgramBytes)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is larger than any program of Paddock's"));
  }
  std::string bytes(static_cast<size_t>(size.QuadPart), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    DWORD count = 0;
    const auto wanted = static_cast<DWORD>(std::min<size_t>(bytes.size() - done, 1u << 20));
    if (!ReadFile(file.get(), bytes.data() + done, wanted, &count, nullptr)) {
      return Win32Status(GetLastError(), absl::StrCat("reading ", path));
    }
    if (count == 0) break;
    done += count;
  }
  bytes.resize(done);
  return bytes;
}

absl::Status WriteNew(const std::string& path, const std::string& bytes) {
  const UniqueFileHandle file(CreateFileW(VerbatimPath(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS,
                                          FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (!file.valid()) return Win32Status(GetLastError(), absl::StrCat("making ", path));
  size_t done = 0;
  while (done < bytes.size()) {
    DWORD count = 0;
    const auto wanted = static_cast<DWORD>(std::min<size_t>(bytes.size() - done, 1u << 20));
    if (!WriteFile(file.get(), bytes.data() + done, wanted, &count, nullptr)) {
      return Win32Status(GetLastError(), absl::StrCat("writing ", path));
    }
    done += count;
  }
  if (!FlushFileBuffers(file.get())) return Win32Status(GetLastError(), absl::StrCat("writing ", path));
  return absl::OkStatus();
}

// The file that a program is while it is being copied.
std::string Unfinished(const std::string& path) { return absl::StrCat(path, ".new"); }

absl::Status RemoveFile(const std::string& path) {
  if (DeleteFileW(VerbatimPath(path).c_str()) || IsAbsent(GetLastError())) return absl::OkStatus();
  return Win32Status(GetLastError(), absl::StrCat("removing ", path));
}

bool SameEntry(const access::Ace& a, const access::Ace& b) {
  return a.type == b.type && a.flags == b.flags && a.mask == b.mask && a.sid == b.sid;
}

}  // namespace

absl::StatusOr<FilePresence> LookAtFolder(const MachineCalls& calls, const std::string& path) {
  const auto folder = OpenItself(path, READ_CONTROL);
  if (absl::IsNotFound(folder.status())) return FilePresence::kAbsent;
  if (absl::IsFailedPrecondition(folder.status())) return FilePresence::kOther;
  RETURN_IF_ERROR(folder.status());
  if (!IsDirectory(folder->get())) return FilePresence::kOther;
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor,
                   ReadDescriptor(calls, folder->get(), OWNER_SECURITY_INFORMATION, path));
  const std::optional<access::Sid>& owner = descriptor.owner;
  return owner.has_value() && access::IsAdministration(*owner) ? FilePresence::kAsWanted : FilePresence::kOther;
}

absl::Status MakeFolder(const std::string& path, const access::SecurityDescriptor& descriptor) {
  ASSIGN_OR_RETURN(AlignedDescriptor aligned, AlignedDescriptor::Make(descriptor));
  SECURITY_ATTRIBUTES attributes = {sizeof(SECURITY_ATTRIBUTES), aligned.get(), FALSE};
  if (CreateDirectoryW(VerbatimPath(path).c_str(), &attributes) || GetLastError() == ERROR_ALREADY_EXISTS) {
    return absl::OkStatus();
  }
  return Win32Status(GetLastError(), absl::StrCat("making directory ", path));
}

absl::Status RemoveFolder(const std::string& path) {
  if (RemoveDirectoryW(VerbatimPath(path).c_str()) || IsAbsent(GetLastError())) return absl::OkStatus();
  const DWORD error = GetLastError();
  if (error == ERROR_DIR_NOT_EMPTY) {
    return absl::FailedPreconditionError(absl::StrCat(path, " holds something that this set-up did not make"));
  }
  return Win32Status(error, absl::StrCat("removing directory ", path));
}

absl::StatusOr<FilePresence> LookAtProgram(const std::string& path, const std::string& sha256) {
  const auto bytes = ReadAll(path);
  if (absl::IsNotFound(bytes.status())) return FilePresence::kAbsent;
  if (absl::IsFailedPrecondition(bytes.status())) return FilePresence::kOther;
  RETURN_IF_ERROR(bytes.status());
  return Sha256Hex(Sha256Of(*bytes)) == sha256 ? FilePresence::kAsWanted : FilePresence::kOther;
}

absl::Status PlaceProgram(const std::string& source, const std::string& path, const std::string& sha256) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadAll(source));
  if (Sha256Hex(Sha256Of(bytes)) != sha256) {
    return absl::FailedPreconditionError(absl::StrCat(source, " has changed since set-up began"));
  }
  RETURN_IF_ERROR(WriteNew(Unfinished(path), bytes));
  if (MoveFileExW(VerbatimPath(Unfinished(path)).c_str(), VerbatimPath(path).c_str(),
                  MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
    return absl::OkStatus();
  }
  const absl::Status failed = Win32Status(GetLastError(), absl::StrCat("renaming ", Unfinished(path)));
  RemoveFile(Unfinished(path)).IgnoreError();
  return failed;
}

absl::Status RemoveProgram(const std::string& path, const std::string& sha256) {
  RETURN_IF_ERROR(RemoveFile(Unfinished(path)));
  ASSIGN_OR_RETURN(const FilePresence presence, LookAtProgram(path, sha256));
  if (presence == FilePresence::kAbsent) return absl::OkStatus();
  if (presence == FilePresence::kOther) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not the program that set-up put there"));
  }
  return RemoveFile(path);
}

absl::StatusOr<FilePresence> LookForEntry(const MachineCalls& calls, const std::string& path, const access::Ace& ace) {
  ASSIGN_OR_RETURN(const UniqueFileHandle folder, OpenItself(path, READ_CONTROL));
  if (!IsDirectory(folder.get())) return FilePresence::kOther;
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor,
                   ReadDescriptor(calls, folder.get(), DACL_SECURITY_INFORMATION, path));
  const auto& aces = descriptor.dacl.aces;
  const bool there =
      std::any_of(aces.begin(), aces.end(), [&](const access::Ace& other) { return SameEntry(other, ace); });
  return there ? FilePresence::kAsWanted : FilePresence::kAbsent;
}

absl::Status AddEntry(const MachineCalls& calls, const std::string& path, const access::Ace& ace) {
  ASSIGN_OR_RETURN(const UniqueFileHandle folder, OpenItself(path, READ_CONTROL | WRITE_DAC));
  ASSIGN_OR_RETURN(access::SecurityDescriptor descriptor,
                   ReadDescriptor(calls, folder.get(), DACL_SECURITY_INFORMATION, path));
  if (descriptor.dacl_state != access::AclState::kPresent) return absl::OkStatus();  // everybody may do everything
  auto& aces = descriptor.dacl.aces;
  const auto same = [&](const access::Ace& other) { return SameEntry(other, ace); };
  if (std::any_of(aces.begin(), aces.end(), same)) return absl::OkStatus();
  // Canonical order: what is inherited comes last.
  const auto inherited = [](const access::Ace& other) { return (other.flags & access::kInherited) != 0; };
  aces.insert(std::find_if(aces.begin(), aces.end(), inherited), ace);
  return WriteList(calls, folder.get(), descriptor.dacl, path);
}

absl::Status RemoveEntry(const MachineCalls& calls, const std::string& path, const access::Ace& ace) {
  const auto folder = OpenItself(path, READ_CONTROL | WRITE_DAC);
  if (absl::IsNotFound(folder.status())) return absl::OkStatus();
  RETURN_IF_ERROR(folder.status());
  ASSIGN_OR_RETURN(access::SecurityDescriptor descriptor,
                   ReadDescriptor(calls, folder->get(), DACL_SECURITY_INFORMATION, path));
  const auto same = [&](const access::Ace& other) { return SameEntry(other, ace); };
  if (std::erase_if(descriptor.dacl.aces, same) == 0) return absl::OkStatus();
  return WriteList(calls, folder->get(), descriptor.dacl, path);
}

}  // namespace paddock::machine
