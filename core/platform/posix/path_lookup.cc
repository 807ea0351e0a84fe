#include "core/platform/posix/path_lookup.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

// As many as the kernel follows in one look-up (path_resolution(7)).
constexpr int kMaxLinks = 40;

PathType TypeOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return PathType::kFile;
    case S_IFDIR:
      return PathType::kDirectory;
    case S_IFLNK:
      return PathType::kSymlink;
    case S_IFIFO:
      return PathType::kFifo;
    case S_IFSOCK:
      return PathType::kSocket;
    default:
      return PathType::kDevice;
  }
}

// ENAMETOOLONG: no name that long can exist.
bool MeansAbsent(int error) { return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG; }

int OpenAt2(const std::string& path, int flags) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_NO_SYMLINKS;
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how));
}

// Follows a path component by component. The whole state is a descriptor, a name and what is left to do, so that
// neither length nor depth has a bound.
class Resolver {
 public:
  explicit Resolver(const std::string& path) : directory_(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) { Push(path); }

  PathLook Run() {
    if (pending_.empty()) RecordFinal(directory_.get());
    while (!pending_.empty() && Step()) {
    }
    if (!failed_) look_.facts.real_path = real_.empty() ? "/" : real_;
    return std::move(look_);
  }

 private:
  void Push(absl::string_view path) {
    const std::vector<absl::string_view> components = PathComponents(path);
    for (auto it = components.rbegin(); it != components.rend(); ++it) pending_.emplace_back(*it);
  }

  bool Step() {
    const std::string name = std::move(pending_.back());
    pending_.pop_back();
    if (name == ".") return true;
    if (name == "..") return StepUp();
    UniqueFd next(openat(directory_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status = {};
    if (!next.valid() || fstat(next.get(), &status) != 0) return Fail(errno, name);
    // What is left runs out first at the end of the path that was asked for; later it is the end of a link's target.
    if (pending_.empty() && !final_recorded_) RecordFinal(next.get());
    if (S_ISLNK(status.st_mode)) return Follow(next.get(), name);
    if (!pending_.empty() && !S_ISDIR(status.st_mode)) return Fail(ENOTDIR, name);
    directory_ = std::move(next);
    absl::StrAppend(&real_, "/", name);
    return true;
  }

  bool StepUp() {
    UniqueFd up(openat(directory_.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!up.valid()) return Fail(errno, "..");
    if (beyond_name_) look_.facts.via.push_back(real_.empty() ? "/" : real_);
    directory_ = std::move(up);
    const size_t slash = real_.rfind('/');
    real_.resize(slash == std::string::npos ? 0 : slash);
    if (pending_.empty() && !final_recorded_) RecordFinal(directory_.get());
    return true;
  }

  bool Follow(int link, const std::string& name) {
    look_.facts.crosses_symlink = true;
    look_.links.push_back(absl::StrCat(real_, "/", name));
    if (beyond_name_) look_.facts.via.push_back(look_.links.back());
    beyond_name_ = final_recorded_;
    char target[PATH_MAX];
    const ssize_t length = readlinkat(link, "", target, sizeof target);
    if (length <= 0 || static_cast<int>(look_.links.size()) > kMaxLinks) return Fail(ELOOP, name);
    if (target[0] == '/') {
      directory_.reset(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
      real_.clear();
    }
    Push(absl::string_view(target, static_cast<size_t>(length)));
    return true;
  }

  void RecordFinal(int fd) {
    final_recorded_ = true;
    struct stat status = {};
    if (fstat(fd, &status) == 0) FillPathFacts(status, look_.facts);
  }

  bool Fail(int error, const std::string& name) {
    failed_ = true;
    if (final_recorded_) return false;  // a link that leads nowhere: it is known as what it is
    look_.facts.type = MeansAbsent(error) ? PathType::kAbsent : PathType::kUnreadable;
    if (!MeansAbsent(error)) return false;
    look_.facts.real_path = absl::StrCat(real_, "/", name);
    for (auto it = pending_.rbegin(); it != pending_.rend(); ++it) absl::StrAppend(&look_.facts.real_path, "/", *it);
    return false;
  }

  UniqueFd directory_;
  std::string real_;                  // of directory_; "" is the root
  std::vector<std::string> pending_;  // components, the next one last
  PathLook look_;
  bool final_recorded_ = false;
  bool beyond_name_ = false;  // in the text of the link that the path ends in
  bool failed_ = false;
};

// What `text`, read from a link in the real directory `directory`, names, if that can be told from the text alone: no
// ".." may follow another name, since that name might be a link. Empty otherwise.
std::string TargetByText(const std::string& directory, absl::string_view text) {
  bool below = false;
  for (const absl::string_view component : PathComponents(text)) {
    if (component == ".." && below) return "";
    below = below || (component != ".." && component != ".");
  }
  return JoinPath(directory, text);
}

// Where the link `fd` at `path`, whose directory is real, leads in one step; empty if it takes more to know.
std::string OneStep(int fd, const std::string& path) {
  char text[PATH_MAX];
  const ssize_t length = readlinkat(fd, "", text, sizeof text);
  if (length <= 0) return "";
  const std::string target =
      TargetByText(std::string(ParentPath(path)), absl::string_view(text, static_cast<size_t>(length)));
  if (target.empty() || target.size() >= PATH_MAX) return "";
  const UniqueFd end(OpenAt2(target, O_PATH | O_NOFOLLOW));
  struct stat status = {};
  return end.valid() && fstat(end.get(), &status) == 0 && !S_ISLNK(status.st_mode) ? target : "";
}

}  // namespace

void FillPathFacts(const struct stat& status, PathFacts& facts) {
  facts.type = TypeOf(status.st_mode);
  facts.device = status.st_dev;
  facts.inode = status.st_ino;
  facts.owner = status.st_uid;
  facts.mode = status.st_mode & 07777;
}

PathLook LookAtPathAndLinks(const std::string& path) { return Resolver(path).Run(); }

PathFacts LookAtPath(const std::string& path) {
  if (path.size() >= PATH_MAX || !IsNormalPath(path)) return Resolver(path).Run().facts;
  PathFacts facts;
  const UniqueFd fd(OpenAt2(path, O_PATH | O_NOFOLLOW));
  if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR)) {
    facts.real_path = path;  // no link before the component that is missing: that would have been ELOOP
    return facts;
  }
  struct stat status = {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) return Resolver(path).Run().facts;
  FillPathFacts(status, facts);
  if (facts.type != PathType::kSymlink) {
    facts.real_path = path;
    return facts;
  }
  facts.crosses_symlink = true;
  facts.real_path = OneStep(fd.get(), path);
  return facts.real_path.empty() ? Resolver(path).Run().facts : facts;
}

UniqueFd OpenWithoutLinks(const std::string& path, int flags) {
  if (path.size() < PATH_MAX) {
    UniqueFd fd(OpenAt2(path, flags));
    if (fd.valid() || (errno != ENOSYS && errno != EPERM)) return fd;
  }
  const std::vector<absl::string_view> components = PathComponents(path);
  UniqueFd at(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (size_t i = 0; i < components.size() && at.valid(); ++i) {
    const bool last = i + 1 == components.size();
    const int step = last ? flags : O_PATH | O_DIRECTORY;
    at = UniqueFd(openat(at.get(), std::string(components[i]).c_str(), step | O_NOFOLLOW | O_CLOEXEC));
    // A directory asked for by O_PATH | O_NOFOLLOW alone could be a link; O_DIRECTORY refuses those with ENOTDIR.
    if (!at.valid() && errno == ENOTDIR && !last) errno = ELOOP;
  }
  if (components.empty()) at.reset(open("/", flags | O_CLOEXEC));
  return at;
}

}  // namespace paddock
