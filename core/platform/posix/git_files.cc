#include "core/platform/posix/git_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/base/posix_path.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/path_lookup.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {

std::string PosixGitFiles::PathFrom(const std::string& directory, absl::string_view text) const {
  if (IsAbsolutePath(text)) return std::string(text);
  return directory.empty() ? "" : AppendPath(directory, text);
}

std::string PosixGitFiles::Normal(const std::string& path) const { return NormalizePath(path); }

bool PosixGitFiles::IsWithin(const std::string& path, const std::string& directory) const {
  return PathIsWithin(path, directory);
}

PathType PosixGitFiles::TypeOf(const std::string& path) const {
  struct stat status = {};
  if (lstat(path.c_str(), &status) == 0) {
    PathFacts facts;
    FillPathFacts(status, facts);
    return facts.type;
  }
  if (errno == ENOENT || errno == ENOTDIR) return PathType::kAbsent;
  return LookAtPath(path).type;  // of any length
}

std::string PosixGitFiles::RealPath(const std::string& path) const {
  return path.empty() ? "" : LookAtPath(path).real_path;
}

std::string PosixGitFiles::LinkOnTheWay(const std::string& path, const std::string& workspace) const {
  for (const std::string& link : LookAtPathAndLinks(path).links) {
    if (PathIsWithin(link, workspace)) return link;
  }
  return "";
}

std::optional<std::string> PosixGitFiles::Read(const std::string& path, size_t most, bool follow) const {
  return ReadRawFile(AT_FDCWD, path, most, follow);
}

bool PosixGitFiles::Walk(const std::string& directory, uint64_t most,
                         absl::FunctionRef<bool(const Entry&)> visit) const {
  const UniqueFd fd = OpenWithoutLinks(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!fd.valid()) return true;
  const WalkResult walk = WalkDirectory(fd.get(), most, [&](const WalkEntry& entry) {
    return visit({std::string(entry.path), std::string(entry.name), entry.is_directory});
  });
  return walk.complete;
}

}  // namespace paddock
