#include "backends/linux_landlock/launch_repositories.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/path_lookup.h"

namespace paddock {
namespace {

constexpr size_t kMaxReported = 100;
constexpr uint64_t kMaxEntries = 500'000;  // read afterwards, in all

std::string Below(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name) : absl::StrCat(directory, "/", name);
}

bool IsBefore(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

class Search {
 public:
  Search(const std::string& root, const std::vector<std::string>& directories)
      : root_(root), known_(directories.begin(), directories.end()) {
    std::sort(known_.begin(), known_.end());
  }

  // Reads `directory` again. What the probe has read in it is looked at by itself.
  void Read(absl::string_view directory) {
    const UniqueFd fd = OpenWithoutLinks(directory.empty() ? root_ : absl::StrCat(root_, "/", directory),
                                         O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!fd.valid()) return;
    const WalkResult walk =
        WalkDirectory(fd.get(), kMaxEntries - std::min(kMaxEntries, read_), [&](const WalkEntry& entry) {
          std::string path = Below(directory, entry.path);
          if (entry.name == ".git") {
            if (path != ".git") found_.insert(std::move(path));
            return false;
          }
          return entry.is_directory && !std::binary_search(known_.begin(), known_.end(), path);
        });
    read_ += walk.entries;
    complete_ = complete_ && walk.complete;
  }

  const std::set<std::string>& found() const { return found_; }
  bool complete() const { return complete_; }

 private:
  const std::string& root_;
  std::vector<absl::string_view> known_;  // sorted
  std::set<std::string> found_;
  uint64_t read_ = 0;
  bool complete_ = true;
};

}  // namespace

NewRepositories::NewRepositories(std::string root, const std::vector<std::string>& directories)
    : root_(std::move(root)), directories_(directories) {
  // The clock of time stamps.
  clock_gettime(CLOCK_REALTIME_COARSE, &start_);
}

void NewRepositories::Compare(RunResult* result) const {
  std::vector<absl::string_view> changed;
  std::set<std::string> repositories;  // that were there before
  const UniqueFd root(OpenWithoutLinks(root_, O_PATH | O_DIRECTORY));
  for (const std::string& directory : directories_) {
    struct stat st = {};
    if (directory == ".git" || directory.ends_with("/.git")) {
      repositories.insert(directory);
    } else if (fstatat(root.get(), directory.empty() ? "." : directory.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               !IsBefore(st.st_ctim, start_)) {
      changed.push_back(directory);
    }
  }
  if (changed.empty()) return;
  Search search(root_, directories_);
  for (const absl::string_view directory : changed) search.Read(directory);
  size_t count = 0;
  for (const std::string& path : search.found()) {
    if (repositories.contains(path) || ++count > kMaxReported) continue;
    result->left_behind.push_back({absl::StrCat(root_, "/", path), "created", "git runs its hooks"});
  }
  if (count > kMaxReported) {
    result->notices.push_back(absl::StrCat(count - kMaxReported, " more new repositories are not listed"));
  }
  if (!search.complete()) {
    result->notices.push_back("not everything that the run made could be searched for new repositories");
  }
}

}  // namespace paddock
