#include "backends/low_integrity/launch_copies.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/wide.h"
#include "core/windows_plan/places.h"

namespace paddock {
namespace {

struct Entry {
  std::string name;
  CopiedFile file;
};

uint64_t Joined(DWORD high, DWORD low) { return (uint64_t{high} << 32) | low; }

CopiedFile FileOf(DWORD attributes, uint64_t size, const FILETIME& written) {
  CopiedFile file;
  file.directory = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  file.reparse_point = (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
  if (file.directory) return file;
  file.size = size;
  file.written = Joined(written.dwHighDateTime, written.dwLowDateTime);
  return file;
}

absl::StatusOr<CopiedFile> LookAt(const std::string& path) {
  ASSIGN_OR_RETURN(const std::wstring wide, WidePath(path));
  WIN32_FILE_ATTRIBUTE_DATA data = {};
  if (!GetFileAttributesExW(wide.c_str(), GetFileExInfoStandard, &data)) {
    return Win32Status(GetLastError(), absl::StrCat("looking at ", path));
  }
  return FileOf(data.dwFileAttributes, Joined(data.nFileSizeHigh, data.nFileSizeLow), data.ftLastWriteTime);
}

absl::StatusOr<std::vector<Entry>> ListFolder(const std::string& path) {
  ASSIGN_OR_RETURN(const std::wstring wide, WidePath(path));
  WIN32_FIND_DATAW data = {};
  const UniqueFindHandle find(FindFirstFileW((wide + L"\\*").c_str(), &data));
  if (!find.valid()) return Win32Status(GetLastError(), absl::StrCat("listing ", path));
  std::vector<Entry> entries;
  do {
    const std::string name = ToUtf8(data.cFileName);
    if (name == "." || name == "..") continue;
    entries.push_back(
        {name, FileOf(data.dwFileAttributes, Joined(data.nFileSizeHigh, data.nFileSizeLow), data.ftLastWriteTime)});
  } while (FindNextFileW(find.get(), &data));
  if (GetLastError() != ERROR_NO_MORE_FILES) return Win32Status(GetLastError(), absl::StrCat("listing ", path));
  return entries;
}

absl::Status CopyFileTo(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(const std::wstring source, WidePath(from));
  ASSIGN_OR_RETURN(const std::wstring target, WidePath(to));
  BOOL never = FALSE;
  if (CopyFileExW(source.c_str(), target.c_str(), nullptr, nullptr, &never, COPY_FILE_FAIL_IF_EXISTS)) {
    return absl::OkStatus();
  }
  return Win32Status(GetLastError(), absl::StrCat("copying ", from, " to ", to));
}

// A directory of the walk below, and what is left to do in it.
struct OpenFolder {
  std::unique_ptr<AclFile> directory;
  std::vector<std::string> names;
};

// The label of a file is that of its directory, without what inheritance would make of it.
access::Acl LabelFor(const AclFile& file, const access::Acl& label) {
  access::Acl own = label;
  if (!file.info().directory) {
    for (access::Ace& ace : own.aces) ace.flags = 0;
  }
  return own;
}

}  // namespace

absl::StatusOr<CopiedTree> LookAtTree(const std::string& path) {
  CopiedTree tree;
  ASSIGN_OR_RETURN(tree[""], LookAt(path));
  std::vector<std::string> left;
  if (tree[""].directory && !tree[""].reparse_point) left.emplace_back();
  while (!left.empty()) {
    const std::string below = std::move(left.back());
    left.pop_back();
    ASSIGN_OR_RETURN(const std::vector<Entry> entries, ListFolder(path + below));
    for (const Entry& entry : entries) {
      const std::string name = absl::StrCat(below, "\\", entry.name);
      tree[name] = entry.file;
      if (entry.file.directory && !entry.file.reparse_point) left.push_back(name);
    }
  }
  return tree;
}

absl::Status CopyTree(const std::string& from, const std::string& to, const std::function<bool()>& cancelled,
                      CopyCounts* counts) {
  ASSIGN_OR_RETURN(const CopiedFile top, LookAt(from));
  if (top.reparse_point) return absl::FailedPreconditionError(absl::StrCat(from, " is a link now"));
  if (!top.directory) return CopyFileTo(from, to);
  std::vector<std::string> left = {""};
  while (!left.empty()) {
    const std::string below = std::move(left.back());
    left.pop_back();
    RETURN_IF_ERROR(MakeDirectories(to + below));
    const auto entries = ListFolder(from + below);
    if (!entries.ok()) {
      if (below.empty()) return entries.status();
      ++counts->unreadable;
      continue;
    }
    for (const Entry& entry : *entries) {
      if (cancelled()) return absl::CancelledError("interrupted while files were copied");
      const std::string name = absl::StrCat(below, "\\", entry.name);
      if (entry.file.reparse_point) {
        ++counts->links;
      } else if (entry.file.directory) {
        left.push_back(name);
      } else {
        const absl::Status copied = CopyFileTo(from + name, to + name);
        if (absl::IsResourceExhausted(copied)) return copied;
        ++(copied.ok() ? counts->files : counts->unreadable);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status LabelTree(const std::string& path, const access::Acl& label) {
  ASSIGN_OR_RETURN(std::unique_ptr<AclFile> top, MakeNtfsVolumes()->Open(path));
  std::vector<OpenFolder> folders;
  ASSIGN_OR_RETURN(std::vector<std::string> names, top->List());
  folders.push_back({std::move(top), std::move(names)});
  while (!folders.empty()) {
    OpenFolder& open = folders.back();
    if (open.names.empty()) {
      RETURN_IF_ERROR(open.directory->WriteLabel(LabelFor(*open.directory, label)));
      folders.pop_back();
      continue;
    }
    ASSIGN_OR_RETURN(std::unique_ptr<AclFile> child, open.directory->OpenChild(open.names.back()));
    open.names.pop_back();
    if (child->info().directory && !child->info().reparse_point) {
      ASSIGN_OR_RETURN(std::vector<std::string> below, child->List());
      folders.push_back({std::move(child), std::move(below)});
    } else {
      RETURN_IF_ERROR(child->WriteLabel(LabelFor(*child, label)));
    }
  }
  return absl::OkStatus();
}

absl::Status UnlabelTree(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<AclFile> top, MakeNtfsVolumes()->Open(path));
  std::vector<std::unique_ptr<AclFile>> left;
  left.push_back(std::move(top));
  while (!left.empty()) {
    const std::unique_ptr<AclFile> file = std::move(left.back());
    left.pop_back();
    RETURN_IF_ERROR(file->WriteLabel(access::Acl()));
    if (!file->info().directory || file->info().reparse_point) continue;
    ASSIGN_OR_RETURN(const std::vector<std::string> names, file->List());
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(std::unique_ptr<AclFile> child, file->OpenChild(name));
      left.push_back(std::move(child));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<LabelledCopies>> LabelledCopies::Make(const LowIntegrityPlan& plan,
                                                                     const Symbols& symbols,
                                                                     const std::function<bool()>& cancelled) {
  auto made = std::make_unique<LabelledCopies>();
  for (const std::string& folder : plan.folders) RETURN_IF_ERROR(MakeDirectories(symbols.Fill(folder)));
  for (const TreeCopy& order : plan.copies) {
    Copy copy = {order.from, symbols.Fill(order.to), symbols.Fill(order.keep), {}, {}};
    RETURN_IF_ERROR(MakeDirectories(DirectoryOf(copy.to)));
    RETURN_IF_ERROR(CopyTree(copy.from, copy.to, cancelled, &copy.counts));
    ASSIGN_OR_RETURN(copy.before, LookAtTree(copy.to));
    made->copies_.push_back(std::move(copy));
  }
  return made;
}

// What the command wrote is the user's to look at, and no other low process's to write any more.
void LabelledCopies::Keep(const Copy& copy, RunResult* result) {
  const absl::Status unlabelled = UnlabelTree(copy.to);
  if (!unlabelled.ok()) {
    result->notices.push_back(absl::StrCat("what the run changed of its copy of ", copy.from,
                                           " still has low labels: ", unlabelled.message()));
  }
  absl::Status moved = MakeDirectories(DirectoryOf(copy.keep));
  const auto from = WidePath(copy.to), to = WidePath(copy.keep);
  if (moved.ok() && from.ok() && to.ok() && !MoveFileExW(from->c_str(), to->c_str(), 0)) {
    moved = Win32Status(GetLastError(), "moving it");
  }
  result->notices.push_back(moved.ok() ? absl::StrCat("the run changed its copy of ", copy.from, ", which is kept in ",
                                                      copy.keep, ": look at it before you use it, and remove it")
                                       : absl::StrCat("the run changed its copy of ", copy.from,
                                                      ", and it cannot be kept: ", moved.message()));
}

void LabelledCopies::Undo(RunResult* result) {
  for (const Copy& copy : copies_) {
    if (copy.counts.links + copy.counts.unreadable > 0) {
      result->notices.push_back(absl::StrCat("the copy of ", copy.from, " was made without ", copy.counts.links,
                                             " links and ", copy.counts.unreadable, " files that cannot be read"));
    }
    const auto now = LookAtTree(copy.to);
    if (now.ok() && *now == copy.before) continue;
    if (absl::IsNotFound(now.status())) {
      result->notices.push_back(absl::StrCat("the run removed its copy of ", copy.from));
    } else {
      Keep(copy, result);
    }
  }
  copies_.clear();
}

}  // namespace paddock
