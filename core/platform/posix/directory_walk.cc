#include "core/platform/posix/directory_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

constexpr size_t kBufferBytes = 64 << 10;
// Descriptors held at once, one for each of the deepest directories on the way; those above are opened again by "..".
constexpr size_t kOpenFrames = 48;
constexpr int kOpenFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

// File systems that show the kernel's state instead of files (linux/magic.h).
constexpr std::array<unsigned long, 12> kKernelFileSystems = {
    PROC_SUPER_MAGIC, SYSFS_MAGIC,  CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC,
    SECURITYFS_MAGIC, BPF_FS_MAGIC, PSTOREFS_MAGIC,     BINFMTFS_MAGIC,      SELINUX_MAGIC, DEVPTS_SUPER_MAGIC};

bool IsKernelFileSystem(int fd) {
  struct statfs status = {};
  if (fstatfs(fd, &status) != 0) return false;
  return std::find(kKernelFileSystems.begin(), kKernelFileSystems.end(), static_cast<unsigned long>(status.f_type)) !=
         kKernelFileSystems.end();
}

// A record of getdents64(2): u64 inode, s64 offset, u16 length, u8 type, char name[]
constexpr size_t kLengthOffset = 16, kTypeOffset = 18, kNameOffset = 19;

// A directory on the way from the start to where the walk is.
struct Frame {
  UniqueFd fd;
  dev_t device = 0;
  ino_t inode = 0;
  size_t path_length = 0;            // of its own path
  std::vector<std::string> pending;  // directories in it that are still to be entered
};

class Walker {
 public:
  Walker(uint64_t max_entries, absl::FunctionRef<bool(const WalkEntry&)> visit,
         absl::FunctionRef<void(absl::string_view, const struct stat&)> entered)
      : max_entries_(max_entries),
        visit_(visit),
        entered_(entered),
        buffer_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

  WalkResult Run(int start_fd) {
    // A descriptor of our own: the caller's may be O_PATH, and its offset stays untouched.
    Enter(UniqueFd(openat(start_fd, ".", kOpenFlags)));
    result_.root_entries = result_.entries;
    while (!frames_.empty()) {
      if (stopped_ || frames_.back().pending.empty()) {
        Leave();
        continue;
      }
      const std::string name = std::move(frames_.back().pending.back());
      frames_.back().pending.pop_back();
      path_.resize(frames_.back().path_length);
      EnterChild(frames_.back().fd.get(), name);
    }
    return result_;
  }

 private:
  void EnterChild(int parent, const std::string& name) {
    UniqueFd fd(openat(parent, name.c_str(), kOpenFlags));
    if (!fd.valid()) {
      const int error = errno;
      struct stat status = {};
      // Whose it is cannot even be asked where the directory that holds it may be listed and not searched.
      const bool own = fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_uid == geteuid();
      if (error != ENOENT && (error != EACCES || own)) result_.complete = false;
      return;
    }
    if (!path_.empty()) path_.push_back('/');
    path_.append(name);
    Enter(std::move(fd));
  }

  // Reads the directory to its end, so that the buffer can be shared, and remembers what to enter.
  void Enter(UniqueFd fd) {
    struct stat status = {};
    if (!fd.valid() || fstat(fd.get(), &status) != 0) {
      result_.complete = false;
      return;
    }
    const bool other_file_system = !frames_.empty() && status.st_dev != frames_.back().device;
    if (other_file_system && IsKernelFileSystem(fd.get())) return;
    entered_(path_, status);
    Frame frame;
    frame.device = status.st_dev;
    frame.inode = status.st_ino;
    frame.path_length = path_.size();
    long got = 0;
    while (!stopped_ && (got = syscall(SYS_getdents64, fd.get(), buffer_.get(), kBufferBytes)) > 0) {
      VisitRecords(fd.get(), static_cast<size_t>(got), frame);
    }
    if (got < 0) result_.complete = false;
    frame.fd = std::move(fd);
    frames_.push_back(std::move(frame));
    if (frames_.size() > kOpenFrames) frames_[frames_.size() - 1 - kOpenFrames].fd.reset();
  }

  void VisitRecords(int directory_fd, size_t bytes, Frame& frame) {
    for (size_t at = 0; at < bytes && !stopped_;) {
      const char* record = buffer_.get() + at;
      uint16_t length = 0;
      std::memcpy(&length, record + kLengthOffset, sizeof length);
      at += length;
      const char* name = record + kNameOffset;
      if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'))) continue;
      if (result_.entries >= max_entries_) {
        stopped_ = true;
        result_.complete = false;
        return;
      }
      ++result_.entries;
      Visit(directory_fd, name, static_cast<uint8_t>(record[kTypeOffset]), frame);
    }
  }

  void Visit(int directory_fd, const char* name, uint8_t type, Frame& frame) {
    path_.resize(frame.path_length);
    if (!path_.empty()) path_.push_back('/');
    const size_t name_at = path_.size();
    path_.append(name);
    WalkEntry entry;
    entry.path = path_;
    entry.name = absl::string_view(path_).substr(name_at);
    entry.is_directory = type == DT_DIR || (type == DT_UNKNOWN && IsDirectory(directory_fd, name));
    entry.directory_fd = directory_fd;
    const bool enter = visit_(entry);
    if (entry.is_directory && enter) frame.pending.emplace_back(name);
    path_.resize(frame.path_length);
  }

  static bool IsDirectory(int directory_fd, const char* name) {
    struct stat status = {};
    return fstatat(directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
  }

  // Leaves the deepest directory. Its parent is opened again through it if it had to be closed on the way down; what
  // cannot be, or is no longer the directory that was entered, is given up.
  void Leave() {
    const Frame left = std::move(frames_.back());
    frames_.pop_back();
    if (frames_.empty() || frames_.back().fd.valid() || stopped_) return;
    Frame& parent = frames_.back();
    parent.fd = UniqueFd(openat(left.fd.get(), "..", kOpenFlags));
    struct stat status = {};
    if (parent.fd.valid() && fstat(parent.fd.get(), &status) == 0 && status.st_dev == parent.device &&
        status.st_ino == parent.inode) {
      return;
    }
    parent.fd.reset();
    parent.pending.clear();
    result_.complete = false;
  }

  const uint64_t max_entries_;
  absl::FunctionRef<bool(const WalkEntry&)> visit_;
  absl::FunctionRef<void(absl::string_view, const struct stat&)> entered_;
  std::unique_ptr<char[]> buffer_;
  std::vector<Frame> frames_;
  std::string path_;
  WalkResult result_;
  bool stopped_ = false;
};

}  // namespace

WalkResult WalkDirectory(int start_fd, uint64_t max_entries, absl::FunctionRef<bool(const WalkEntry&)> visit,
                         absl::FunctionRef<void(absl::string_view, const struct stat&)> entered) {
  return Walker(max_entries, visit, entered).Run(start_fd);
}

std::optional<struct stat> FindGit(const WalkEntry& entry) {
  struct stat status = {};
  if (!absl::EqualsIgnoreCase(entry.name, ".git")) return std::nullopt;
  if (fstatat(entry.directory_fd, ".git", &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (entry.name == ".git") return status;
  struct stat same = {};
  const std::string name(entry.name);
  if (fstatat(entry.directory_fd, name.c_str(), &same, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return same.st_dev == status.st_dev && same.st_ino == status.st_ino ? std::make_optional(status) : std::nullopt;
}

int64_t Nanoseconds(const timespec& time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

SeenEntry Seen(absl::string_view path, const struct stat& status) {
  return {std::string(path), status.st_dev, status.st_ino, Nanoseconds(status.st_ctim)};
}

}  // namespace paddock
