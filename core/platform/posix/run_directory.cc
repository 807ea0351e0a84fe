#include "core/platform/posix/run_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/file_lock.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/remove_tree.h"

namespace paddock {
namespace {

constexpr char kPrefix[] = "run.";

std::vector<std::string> CollectBelow(int parent, const std::string& path) {
  std::vector<std::string> removed;
  for (const std::string& name : NamesIn(parent).value_or(std::vector<std::string>())) {
    if (!absl::StartsWith(name, kPrefix)) continue;
    const UniqueFd directory(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory.valid() || flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (RemoveTree(parent, name.c_str())) removed.push_back(absl::StrCat(path, "/", name));
  }
  std::sort(removed.begin(), removed.end());
  return removed;
}

}  // namespace

RunDirectory::RunDirectory(std::string path, UniqueFd parent, UniqueFd directory)
    : path_(std::move(path)),
      name_(path_.c_str() + path_.rfind('/') + 1),
      parent_(std::move(parent)),
      directory_(std::move(directory)) {}

absl::StatusOr<std::unique_ptr<RunDirectory>> RunDirectory::Make(const std::string& parent_path) {
  RETURN_IF_ERROR(MakeStateDirectory(parent_path));
  UniqueFd parent(open(parent_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Held while directories are made or collected below it, so that nobody collects one before its launcher has locked
  // it.
  if (!parent.valid() || !LockExclusive(parent.get())) return StateError("cannot lock", parent_path, errno);
  CollectBelow(parent.get(), parent_path);
  std::string path = absl::StrCat(parent_path, "/", kPrefix, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return StateError("cannot make the directory", path, errno);
  UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.valid() || flock(directory.get(), LOCK_SH | LOCK_NB) != 0) {
    const absl::Status failed = StateError("cannot lock", path, errno);
    rmdir(path.c_str());
    return failed;
  }
  flock(parent.get(), LOCK_UN);
  return std::unique_ptr<RunDirectory>(new RunDirectory(std::move(path), std::move(parent), std::move(directory)));
}

void RunDirectory::Remove() {
  if (removed_) return;
  RemoveTree(parent_.get(), name_);
  removed_ = true;  // not before: whoever is killed in between leaves the rest to its guard
}

std::vector<std::string> CollectRunDirectories(const std::string& parent_path) {
  const UniqueFd parent(open(parent_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return parent.valid() && LockExclusive(parent.get()) ? CollectBelow(parent.get(), parent_path)
                                                       : std::vector<std::string>();
}

}  // namespace paddock
