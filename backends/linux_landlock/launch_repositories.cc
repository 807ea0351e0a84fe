#include "backends/linux_landlock/launch_repositories.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/path_lookup.h"

namespace paddock {
namespace {

constexpr size_t kMaxReported = 100;
constexpr uint64_t kMaxEntries = 500'000;  // read afterwards, in all

std::string Below(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name) : absl::StrCat(directory, "/", name);
}

// Whether a path that could not be opened leads to no directory any more; else it could not be looked at.
bool IsGone(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP; }

bool IsBelow(absl::string_view path, absl::string_view directory) {
  return directory.empty() ? !path.empty() : path != directory && PathIsWithin(path, directory);
}

bool IsSameFile(const SeenEntry& entry, const struct stat& status) {
  return entry.device == status.st_dev && entry.inode == status.st_ino;
}

class Search {
 public:
  Search(const std::string& root, const SeenTree& before, const std::vector<absl::string_view>& held)
      : root_(root), before_(before) {
    known_.reserve(before.directories.size() + held.size());
    for (const absl::string_view path : held) {
      if (PathIsWithin(path, root)) known_.push_back(PathBelow(path, root));
    }
    for (const SeenEntry& git : before.repositories) repositories_[git.path] = &git;
  }

  void Run() {
    const UniqueFd root(OpenWithoutLinks(root_, O_PATH | O_DIRECTORY));
    complete_ = root.valid();
    std::vector<absl::string_view> changed;
    // A directory stands before those in it. What was in one that is another one now, or gone, is not looked for by its
    // path, which may lead through a link.
    const SeenEntry* lost = nullptr;
    for (const SeenEntry& directory : before_.directories) {
      if (!root.valid() || (lost != nullptr && IsBelow(directory.path, lost->path))) continue;
      const State state = Look(root.get(), directory);
      if (state == State::kGone || state == State::kReplaced) lost = &directory;
      if (state != State::kGone) known_.push_back(directory.path);
      if (state == State::kChanged || state == State::kReplaced) changed.push_back(directory.path);
    }
    std::sort(known_.begin(), known_.end());
    for (const absl::string_view directory : changed) Read(directory);
  }

  const std::set<std::string>& found() const { return found_; }
  bool complete() const { return complete_; }

 private:
  enum class State : uint8_t { kSame, kChanged, kReplaced, kGone };

  State Look(int root, const SeenEntry& directory) {
    struct stat status = {};
    const char* const path = directory.path.empty() ? "." : directory.path.c_str();
    if (fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      complete_ = complete_ && IsGone(errno);
      return State::kGone;
    }
    if (!IsSameFile(directory, status)) return State::kReplaced;
    const bool same = Nanoseconds(status.st_ctim) == directory.changed && directory.changed < before_.racy_since;
    return same ? State::kSame : State::kChanged;
  }

  // Reads `directory` again, and what is new in it. A path that was there before is looked at by itself.
  void Read(absl::string_view directory) {
    const UniqueFd fd = OpenWithoutLinks(directory.empty() ? root_ : absl::StrCat(root_, "/", directory),
                                         O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!fd.valid()) {
      complete_ = complete_ && IsGone(errno);
      return;
    }
    const WalkResult walk =
        WalkDirectory(fd.get(), kMaxEntries - std::min(kMaxEntries, read_), [&](const WalkEntry& entry) {
          const std::string path = Below(directory, entry.path);
          if (const auto git = FindGit(entry)) {
            Note(path, *git);
            return false;
          }
          return entry.is_directory && !std::binary_search(known_.begin(), known_.end(), path);
        });
    read_ += walk.entries;
    complete_ = complete_ && walk.complete;
  }

  void Note(const std::string& path, const struct stat& git) {
    const auto before = repositories_.find(path);
    const bool was_there = before != repositories_.end() && IsSameFile(*before->second, git);
    if (!was_there && path.find('/') != std::string::npos) found_.insert(path);
  }

  const std::string& root_;
  const SeenTree& before_;
  std::vector<absl::string_view> known_;  // what is not entered on the way from somewhere else; sorted by Run()
  std::map<absl::string_view, const SeenEntry*> repositories_;
  std::set<std::string> found_;
  uint64_t read_ = 0;
  bool complete_ = true;
};

}  // namespace

void FindNewRepositories(const std::string& root, const SeenTree& before, const std::vector<absl::string_view>& held,
                         RunResult* result) {
  Search search(root, before, held);
  search.Run();
  size_t count = 0;
  for (const std::string& path : search.found()) {
    if (++count > kMaxReported) continue;
    result->left_behind.push_back({absl::StrCat(root, "/", path), "created", "git runs its hooks"});
  }
  if (count > kMaxReported) {
    result->notices.push_back(absl::StrCat(count - kMaxReported, " more new repositories are not listed"));
  }
  if (!before.complete) {
    result->notices.push_back(
        "the workspace could not be read whole before the run: a repository in the rest of it is not noticed, or seems "
        "new");
  }
  if (!search.complete()) {
    result->notices.push_back("not everything that the run made could be searched for new repositories");
  }
}

}  // namespace paddock
