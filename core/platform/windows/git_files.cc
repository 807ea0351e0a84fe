#include "core/platform/windows/git_files.h"

#include "absl/strings/match.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/path_lookup.h"
#include "core/platform/windows/tree_walk.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

std::string WindowsGitFiles::PathFrom(const std::string& directory, absl::string_view text) const {
  absl::StatusOr<WindowsPath> path = WindowsPath::Parse(directory.empty() ? text : directory);
  if (path.ok() && !directory.empty()) path = path->Join(text);
  return path.ok() && path->IsAbsolute() ? path->ToString() : "";
}

std::string WindowsGitFiles::Normal(const std::string& path) const { return PathFrom("", path); }

bool WindowsGitFiles::Same(absl::string_view a, absl::string_view b) const { return absl::EqualsIgnoreCase(a, b); }

bool WindowsGitFiles::IsWithin(const std::string& path, const std::string& directory) const {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).MayBe();
}

bool WindowsGitFiles::MayLook(const std::string& path) const {
  const auto parsed = WindowsPath::Parse(path);
  return parsed.ok() && (parsed->kind() == WindowsPathKind::kDrive || IsWithin(path, workspace_));
}

PathType WindowsGitFiles::TypeOf(const std::string& path) const { return LookAtWindowsPath(path).type; }

std::string WindowsGitFiles::RealPath(const std::string& path) const {
  return MayLook(path) ? LookAtWindowsPath(path).real_path : "";
}

std::string WindowsGitFiles::LinkOnTheWay(const std::string& path, const std::string& workspace) const {
  const PathFacts look = LookAtWindowsPath(path);
  return look.crosses_symlink && look.type != PathType::kAbsent && IsWithin(path, workspace) ? path : "";
}

std::optional<std::string> WindowsGitFiles::Read(const std::string& path, size_t most, bool follow) const {
  const UniqueFileHandle file(CreateFileW(ToWide(path).c_str(), GENERIC_READ,
                                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                          OPEN_EXISTING, follow ? 0 : FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  BY_HANDLE_FILE_INFORMATION information = {};
  if (!file.valid() || GetFileType(file.get()) != FILE_TYPE_DISK ||
      !GetFileInformationByHandle(file.get(), &information) ||
      (!follow && (information.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)) {
    return std::nullopt;
  }
  std::string text(most + 1, '\0');
  size_t size = 0;
  for (DWORD got = 1; got > 0 && size < text.size(); size += got) {
    if (!ReadFile(file.get(), text.data() + size, static_cast<DWORD>(text.size() - size), &got, nullptr)) {
      return std::nullopt;
    }
  }
  if (size > most) return std::nullopt;
  text.resize(size);
  return text;
}

bool WindowsGitFiles::Walk(const std::string& directory, uint64_t most,
                           absl::FunctionRef<bool(const Entry&)> visit) const {
  if (TypeOf(directory) != PathType::kDirectory) return true;
  return WalkTreeOfFiles(directory, {most, until_}, [&](const TreeEntry& entry) {
    return visit({entry.path, entry.name, entry.directory});
  });
}

}  // namespace paddock
