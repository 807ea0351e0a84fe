#include "core/platform/posix/bubblewrap_lookup.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;
constexpr mode_t kExecutable = S_IXUSR | S_IXGRP | S_IXOTH;

// Why `path` must not be run, or an empty text.
std::string Distrust(const std::string& path) {
  std::string at = path;
  while (true) {
    struct stat status = {};
    if (lstat(at.c_str(), &status) != 0) return absl::StrCat("lstat ", at, ": ", std::strerror(errno));
    const bool right_type = at == path ? S_ISREG(status.st_mode) : S_ISDIR(status.st_mode);
    if (!right_type) return absl::StrCat(at, " is no ", at == path ? "regular file" : "directory");
    if (status.st_uid != 0) return absl::StrCat(at, " belongs to uid ", status.st_uid);
    if ((status.st_mode & kWritableByOthers) != 0) return absl::StrCat(at, " can be written by others than root");
    if (at == path && (status.st_mode & kExecutable) != kExecutable) return absl::StrCat(at, " is not executable");
    if (at == "/") return "";
    at = std::string(ParentPath(at));
  }
}

}  // namespace

std::vector<std::string> BubblewrapCandidates() { return {"/usr/bin/bwrap", "/usr/local/bin/bwrap"}; }

BubblewrapFacts FindBubblewrap(const std::vector<std::string>& candidates) {
  BubblewrapFacts found;
  for (const std::string& path : candidates) {
    struct stat status = {};
    if (lstat(path.c_str(), &status) != 0) continue;
    const std::string distrust = Distrust(path);
    if (distrust.empty()) return {path, Yes(absl::StrCat(path, " belongs to root, and only root can replace it"))};
    if (found.path.empty()) found = {path, No(distrust)};
  }
  if (found.path.empty()) found.trusted = No("no bwrap in the fixed places");
  return found;
}

}  // namespace paddock
