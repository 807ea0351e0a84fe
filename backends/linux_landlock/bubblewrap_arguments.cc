#include "backends/linux_landlock/bubblewrap_arguments.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/home_caches.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

class Arguments {
 public:
  Arguments(const LinuxPlan& plan, const BubblewrapHost& host) : plan_(plan), host_(host) {}

  std::vector<std::string> Take() && {
    AddNamespaces();
    if (!plan_.minimal_root) Add("--ro-bind", "/", "/");
    for (const MountStep& step : plan_.mounts) AddStep(step);
    if (plan_.minimal_root) Add("--remount-ro", "/");
    return std::move(all_);
  }

 private:
  template <typename... Words>
  void Add(Words&&... words) {
    (all_.emplace_back(std::forward<Words>(words)), ...);
  }

  void AddNamespaces() {
    Add("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup");
    if (plan_.network_namespace) Add("--unshare-net");
    Add("--die-with-parent", "--as-pid-1", "--cap-drop", "ALL");
  }

  // bwrap makes a file system of each, so that they share the limit between them.
  void AddTmpfs(const std::string& path, const char* mode) {
    Add("--perms", mode);
    if (plan_.limits.memory) Add("--size", absl::StrCat(*plan_.limits.memory / WritableTmpfs()));
    Add("--tmpfs", path);
  }

  uint64_t WritableTmpfs() const {
    const auto is_tmpfs = [](const MountStep& step) {
      return step.op == MountOp::kPrivate || step.op == MountOp::kHome || step.op == MountOp::kDev;
    };
    return static_cast<uint64_t>(std::count_if(plan_.mounts.begin(), plan_.mounts.end(), is_tmpfs));
  }

  void AddEmpty(const std::string& path, const char* mode) {
    Add("--perms", mode, "--tmpfs", path, "--remount-ro", path);
  }

  // A device node of a mount without devices cannot be opened by anybody.
  void AddMask(const MountStep& step) {
    if (step.directory) {
      AddEmpty(step.target, "0000");
    } else {
      Add("--ro-bind", "/dev/null", step.target);
    }
  }

  void AddBind(const char* writable, const char* read_only, const std::string& source, const MountStep& step) {
    Add(absl::StrCat(step.writable ? writable : read_only, step.optional ? "-try" : ""), source, step.target);
  }

  // Without an overlay, which bwrap has from 0.11 on alone: a tmpfs with what the host's home holds, read-only.
  void AddHome(const std::string& home) {
    AddTmpfs(home, "0755");
    for (const HomeEntry& entry : host_.home_entries(home)) {
      const std::string path = JoinPath(home, entry.name);
      if (IsCacheOfHome(entry.name)) {
        Add("--dir", path);
      } else if (!entry.link.empty()) {
        Add("--symlink", entry.link, path);
      } else {
        Add("--ro-bind-try", path, path);
      }
    }
  }

  // The nodes are mounts of the host's, which bwrap cannot make read-only without closing them: --remount-ro brings
  // nodev with it.
  void AddDev() {
    Add("--dev", "/dev");
    AddTmpfs("/dev/shm", "1777");
    Add("--remount-ro", "/dev");
  }

  void AddStep(const MountStep& step) {
    // A placeholder is there by now, too: it is made before bwrap starts.
    if (step.op == MountOp::kMask || step.op == MountOp::kReadOnly) {
      const Reach reach = host_.look(step.target);
      if (reach == Reach::kAbsent && step.optional) return;
      if (reach == Reach::kOutOfReach && step.op == MountOp::kMask) return;
    }
    switch (step.op) {
      case MountOp::kBind:
        return AddBind("--bind", "--ro-bind", step.source, step);
      case MountOp::kReadOnly:
        return AddBind("", "--ro-bind", step.target, step);
      case MountOp::kPin:
        return Add("--bind", step.target, step.target);
      case MountOp::kMask:
        return AddMask(step);
      case MountOp::kCover:
        return AddEmpty(step.target, "0555");
      case MountOp::kPrivate:
        return AddTmpfs(step.target, step.sticky ? "1777" : "0700");
      case MountOp::kHome:
        return AddHome(step.target);
      case MountOp::kDev:
        return AddDev();
      case MountOp::kProc:
        return Add("--proc", step.target, "--remount-ro", step.target);
      case MountOp::kSymlink:
        return Add("--symlink", step.source, step.target);
    }
  }

  const LinuxPlan& plan_;
  const BubblewrapHost& host_;
  std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> BubblewrapArguments(const LinuxPlan& plan, const BubblewrapHost& host) {
  return Arguments(plan, host).Take();
}

}  // namespace paddock
