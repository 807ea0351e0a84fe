// The sandbox's view of the file system, built in place by pid 1 in its own mount namespace.
//
// Order matters: writable trees and device nodes are cloned first, then the host is sealed read-only in one call, then
// everything is placed from parents to children. The scratch file system is attached below /dev until the private /dev
// covers it, since an overlay's upper directory has to be attached on kernels before 6.15.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstddef>

#include "backends/linux_landlock/launch_child.h"
#include "backends/linux_landlock/launch_syscalls.h"

namespace paddock {
namespace {

constexpr char kScratchAt[] = "/dev";
constexpr char kNewRoot[] = "/dev/root";
constexpr uint64_t kQuiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

constexpr size_t kDeviceCount = sizeof(kDeviceNames) / sizeof(kDeviceNames[0]);

struct Link {
  const char *name, *target;
};
constexpr Link kDevLinks[] = {{"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"},
                              {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
                              {"ptmx", "pts/ptmx"},          {"core", "/proc/kcore"}};

struct View {
  ChildSpec& spec;
  const char* prefix;  // "" or kNewRoot
  int scratch = -1;
  int devices[kDeviceCount] = {};
};

// A path below the view's root, in a buffer of its own because the child may not allocate.
class ViewPath {
 public:
  ViewPath(const View& view, const char* target) {
    const size_t prefix = strlen(view.prefix), size = strlen(target);
    if (prefix + size >= sizeof(text_)) {
      FailSetup(view.spec, Stage::kMount, 0, ENAMETOOLONG);
    }
    memcpy(text_, view.prefix, prefix);
    memcpy(text_ + prefix, target, size + 1);
    prefix_ = prefix;
  }
  char* text() { return text_; }

  // Makes the missing directories above the last component, and it too if `type` says so.
  enum class Last { kNone, kDirectory, kFile };
  void Make(Last type) {
    for (char* at = text_ + prefix_ + 1; *at != '\0'; ++at) {
      if (*at != '/') continue;
      *at = '\0';
      mkdir(text_, 0755);
      *at = '/';
    }
    if (type == Last::kDirectory) mkdir(text_, 0755);
    if (type == Last::kFile) {
      const int fd = open(text_, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
      if (fd >= 0) close(fd);
    }
  }

 private:
  char text_[PATH_MAX];
  size_t prefix_ = 0;
};

void SetAttributes(const View& view, int tree, bool recursive, uint64_t set, Stage stage, size_t step) {
  struct mount_attr attr = {};
  attr.attr_set = set;
  const unsigned flags = AT_EMPTY_PATH | (recursive ? static_cast<unsigned>(AT_RECURSIVE) : 0u);
  if (mount_setattr(tree, "", flags, &attr, sizeof(attr)) != 0) FailSetup(view.spec, stage, step, errno);
}

void CheckIdentity(const View& view, int fd, const Identity& identity, size_t step) {
  if (identity.inode == 0) return;
  struct stat st = {};
  if (fstat(fd, &st) != 0) FailSetup(view.spec, Stage::kPathChanged, step, errno);
  if (!IsPlanned(st, identity)) FailSetup(view.spec, Stage::kPathChanged, step, ESTALE);
}

int CloneTree(const View& view, int directory, const char* name, bool recursive, Stage stage, size_t step) {
  const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | static_cast<unsigned>(AT_SYMLINK_NOFOLLOW) |
                         (name[0] == '\0' ? static_cast<unsigned>(AT_EMPTY_PATH) : 0u) |
                         (recursive ? static_cast<unsigned>(AT_RECURSIVE) : 0u);
  const int tree = open_tree(directory, name, flags);
  if (tree < 0) FailSetup(view.spec, stage, step, errno);
  return tree;
}

// Opens a target that has to be there already, and to be what planning saw.
int OpenTarget(const View& view, const ChildMount& mount, size_t step) {
  ViewPath path(view, mount.target);
  const int fd = OpenExact(path.text());
  if (fd < 0)
    FailSetup(view.spec, errno == ENOENT || errno == ELOOP ? Stage::kPathChanged : Stage::kMount, step, errno);
  CheckIdentity(view, fd, mount.identity, step);
  return fd;
}

// Opens a target, made first where the view has no such path: below a private directory, or in a minimal root.
int OpenOrMakeTarget(const View& view, const ChildMount& mount, size_t step) {
  ViewPath path(view, mount.target);
  int fd = OpenExact(path.text());
  if (fd < 0 && errno == ENOENT) {
    path.Make(mount.directory ? ViewPath::Last::kDirectory : ViewPath::Last::kFile);
    fd = OpenExact(path.text());
  }
  if (fd < 0) FailSetup(view.spec, Stage::kMount, step, errno);
  return fd;
}

void Place(const View& view, int tree, int target, size_t step) {
  if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
    FailSetup(view.spec, Stage::kMount, step, errno);
  }
  close(tree);
  close(target);
}

// A kept layer is taken before the host is sealed, since an overlay refuses an upper directory on a read-only mount.
void CloneLayer(const View& view, ChildMount& mount, size_t step) {
  const int layer = OpenExact(mount.layer);
  if (layer < 0) FailSetup(view.spec, Stage::kHomeLayer, step, errno);
  CheckIdentity(view, layer, mount.layer_identity, step);
  const char* const part = mount.op == MountOp::kPrivate ? "bare" : "";
  mount.tree = CloneTree(view, layer, part, false, Stage::kHomeLayer, step);
  SetAttributes(view, mount.tree, false, kQuiet, Stage::kHomeLayer, step);
  close(layer);
}

void CloneSources(View& view) {
  for (size_t i = 0; i < kDeviceCount; ++i) {
    char path[32] = "/dev/";
    strcat(path, kDeviceNames[i]);
    view.devices[i] = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (view.devices[i] < 0) FailSetup(view.spec, Stage::kCloneSource, view.spec.mount_count, errno);
  }
  for (size_t i = 0; i < view.spec.mount_count; ++i) {
    ChildMount& mount = view.spec.mounts[i];
    if (mount.layer != nullptr) CloneLayer(view, mount, i);
    if (mount.op != MountOp::kBind) continue;
    if (mount.tree < 0) {
      const int source = OpenExact(mount.source);
      if (source < 0 && mount.optional) continue;
      if (source < 0) {
        FailSetup(view.spec, errno == ENOENT || errno == ELOOP ? Stage::kPathChanged : Stage::kCloneSource, i, errno);
      }
      CheckIdentity(view, source, mount.identity, i);
      struct stat st = {};
      mount.directory = fstat(source, &st) == 0 && S_ISDIR(st.st_mode);
      mount.tree = CloneTree(view, source, "", true, Stage::kCloneSource, i);
      close(source);
    }
    SetAttributes(view, mount.tree, true, kQuiet | (mount.writable ? 0u : MOUNT_ATTR_RDONLY), Stage::kCloneSource, i);
  }
}

void SealHost(const View& view) {
  struct mount_attr attr = {};
  attr.attr_set = view.spec.minimal_root ? 0u : kQuiet | MOUNT_ATTR_RDONLY;
  attr.propagation = MS_PRIVATE;
  if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) != 0)
    FailSetup(view.spec, Stage::kSeal, 0, errno);
}

int MakeFilesystem(const View& view, const char* type, const char* key, const char* value, Stage stage, size_t step,
                   uint64_t attributes = kQuiet) {
  const int context = fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0) FailSetup(view.spec, stage, step, errno);
  if (key != nullptr && fsconfig(context, FSCONFIG_SET_STRING, key, value, 0) != 0) {
    FailSetup(view.spec, stage, step, errno);
  }
  if (fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) FailSetup(view.spec, stage, step, errno);
  const int mount = fsmount(context, FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes));
  if (mount < 0) FailSetup(view.spec, stage, step, errno);
  close(context);
  return mount;
}

struct ScratchEntry {
  const char* name;
  mode_t mode;
};
constexpr ScratchEntry kScratchDirectories[] = {{"mask", 0}, {"empty", 0555}, {"dev", 0755}, {"shm", 01777}};
constexpr ScratchEntry kHomeDirectories[] = {{"upper", 0755}, {"work", 0755}};
constexpr ScratchEntry kLayerDirectory = {"layer", 0700};
constexpr ScratchEntry kRootDirectory = {"root", 0755};

void MakeInScratch(const View& view, const ScratchEntry& entry, Stage stage, size_t step) {
  if (mkdirat(view.scratch, entry.name, entry.mode) != 0) FailSetup(view.spec, stage, step, errno);
}

// One tmpfs for all private directories, masks and the home's upper layer: one mount to pay for, one size to bound.
void AttachScratch(View& view) {
  view.scratch = MakeFilesystem(view, "tmpfs", view.spec.scratch_size == nullptr ? nullptr : "size",
                                view.spec.scratch_size, Stage::kScratch, 0);
  if (move_mount(view.scratch, "", AT_FDCWD, kScratchAt, MOVE_MOUNT_F_EMPTY_PATH) != 0 ||
      fchmodat(view.scratch, ".", 0755, 0) != 0) {
    FailSetup(view.spec, Stage::kScratch, 0, errno);
  }
  for (const ScratchEntry& entry : kScratchDirectories) MakeInScratch(view, entry, Stage::kScratch, 0);
  const int file = openat(view.scratch, "mask-file", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0000);
  if (file < 0) FailSetup(view.spec, Stage::kScratch, 0, errno);
  close(file);
}

void PlaceOnItself(const View& view, const ChildMount& mount, bool read_only, size_t step) {
  const int target = OpenTarget(view, mount, step);
  const int tree = CloneTree(view, target, "", true, Stage::kMount, step);
  if (read_only) SetAttributes(view, tree, true, MOUNT_ATTR_RDONLY, Stage::kMount, step);
  Place(view, tree, target, step);
}

void PlaceScratch(const View& view, const ChildMount& mount, const char* name, size_t step) {
  const bool read_only = mount.op == MountOp::kMask || mount.op == MountOp::kCover;
  const int tree = CloneTree(view, view.scratch, name, false, Stage::kMount, step);
  SetAttributes(view, tree, false, kQuiet | (read_only ? MOUNT_ATTR_RDONLY : 0u), Stage::kMount, step);
  Place(view, tree, read_only ? OpenTarget(view, mount, step) : OpenOrMakeTarget(view, mount, step), step);
}

void PlacePrivate(const View& view, const ChildMount& mount, size_t step) {
  MakeInScratch(view, {mount.scratch_name, mount.sticky ? mode_t{01777} : mode_t{0700}}, Stage::kMount, step);
  PlaceScratch(view, mount, mount.scratch_name, step);
}

// "/proc/self/fd/N", the only way to name an open directory to an overlay before Linux 6.13.
void WriteDescriptorPath(int fd, char* out) {
  char digits[12];
  size_t count = 0;
  for (int rest = fd; count == 0 || rest > 0; rest /= 10) digits[count++] = static_cast<char>('0' + rest % 10);
  strcpy(out, "/proc/self/fd/");
  char* at = out + strlen(out);
  while (count > 0) *at++ = digits[--count];
  *at = '\0';
}

// Where the overlay finds a kept layer, for as long as it takes to make it: it clones the mount for itself.
void AttachLayer(const View& view, const ChildMount& mount, size_t step) {
  MakeInScratch(view, kLayerDirectory, Stage::kHomeLayer, step);
  if (move_mount(mount.tree, "", view.scratch, kLayerDirectory.name, MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    FailSetup(view.spec, Stage::kHomeLayer, step, errno);
  }
  close(mount.tree);
}

struct OverlayOption {
  const char *key, *value;  // value null: a flag
};

// `index` would tie a kept layer to the inode of the home, which a restored home has not. `volatile`: the end of the
// mount would wait for the whole file system to be written.
constexpr OverlayOption kScratchLayer[] = {
    {"upperdir", "/dev/upper"}, {"workdir", "/dev/work"}, {"userxattr", nullptr}};
constexpr OverlayOption kKeptLayer[] = {{"upperdir", "/dev/layer/upper"},
                                        {"workdir", "/dev/layer/work"},
                                        {"userxattr", nullptr},
                                        {"index", "off"},
                                        {"volatile", nullptr}};

template <size_t count>
int MountOverlay(const View& view, int lower_fd, const OverlayOption (&options)[count], Stage stage, size_t step) {
  char lower[32];
  WriteDescriptorPath(lower_fd, lower);
  const int context = fsopen("overlay", FSOPEN_CLOEXEC);
  if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "lowerdir", lower, 0) != 0) {
    FailSetup(view.spec, stage, step, errno);
  }
  for (const OverlayOption& option : options) {
    const auto kind = option.value == nullptr ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    if (fsconfig(context, kind, option.key, option.value, 0) != 0) FailSetup(view.spec, stage, step, errno);
  }
  if (fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) FailSetup(view.spec, stage, step, errno);
  const int tree = fsmount(context, FSMOUNT_CLOEXEC, static_cast<unsigned>(kQuiet));
  if (tree < 0) FailSetup(view.spec, stage, step, errno);
  close(context);
  return tree;
}

void PlaceHome(const View& view, const ChildMount& mount, size_t step) {
  const int home = OpenTarget(view, mount, step);
  int tree;
  if (mount.layer == nullptr) {
    for (const ScratchEntry& entry : kHomeDirectories) MakeInScratch(view, entry, Stage::kMount, step);
    tree = MountOverlay(view, home, kScratchLayer, Stage::kMount, step);
  } else {
    AttachLayer(view, mount, step);
    tree = MountOverlay(view, home, kKeptLayer, Stage::kHomeLayer, step);
    if (umount2("/dev/layer", MNT_DETACH) != 0) FailSetup(view.spec, Stage::kHomeLayer, step, errno);
  }
  Place(view, tree, home, step);
}

// The device nodes stay the host's inodes; each is bound read-only, or a root caller without any capability could still
// change the host's modes. Writing to a device does not need a writable mount.
void FillDev(const View& view, int dev, size_t step) {
  for (size_t i = 0; i < kDeviceCount; ++i) {
    const int target = openat(dev, kDeviceNames[i], O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0600);
    if (target < 0) FailSetup(view.spec, Stage::kMount, step, errno);
    SetAttributes(view, view.devices[i], false, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                  Stage::kMount, step);
    Place(view, view.devices[i], target, step);
  }
  for (const Link& link : kDevLinks) symlinkat(link.target, dev, link.name);
  mkdirat(dev, "pts", 0755);
  mkdirat(dev, "shm", 0755);
}

void PlaceInDev(const View& view, int dev, const char* name, int tree, size_t step) {
  const int target = openat(dev, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (target < 0) FailSetup(view.spec, Stage::kMount, step, errno);
  Place(view, tree, target, step);
}

void PlaceDev(const View& view, const ChildMount& mount, size_t step) {
  const int tree = CloneTree(view, view.scratch, "dev", false, Stage::kMount, step);
  const int target = OpenOrMakeTarget(view, mount, step);
  if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
    FailSetup(view.spec, Stage::kMount, step, errno);
  }
  FillDev(view, tree, step);
  const int pts =
      MakeFilesystem(view, "devpts", "ptmxmode", "0666", Stage::kMount, step, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  PlaceInDev(view, tree, "pts", pts, step);
  const int shm = CloneTree(view, view.scratch, "shm", false, Stage::kMount, step);
  PlaceInDev(view, tree, "shm", shm, step);
  SetAttributes(view, tree, false, kQuiet | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY, Stage::kMount, step);
  close(tree);
  close(target);
}

// Read-only as a whole: below it are switches that act on the whole machine (sysrq-trigger, sys/kernel/core_pattern,
// which names a program that the kernel runs as root), and a root caller's kernel uid stays 0, so that file modes do
// not protect them. What a process may usually write about itself (oom_score_adj, comm) goes with them.
void PlaceProc(const View& view, const ChildMount& mount, size_t step) {
  const int tree = MakeFilesystem(view, "proc", nullptr, nullptr, Stage::kMount, step,
                                  kQuiet | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY);
  Place(view, tree, OpenOrMakeTarget(view, mount, step), step);
}

void PlaceLink(const View& view, const ChildMount& mount, size_t step) {
  ViewPath path(view, mount.target);
  path.Make(ViewPath::Last::kNone);
  if (symlink(mount.source, path.text()) != 0 && errno != EEXIST) FailSetup(view.spec, Stage::kMount, step, errno);
}

bool IsGone(const View& view, const ChildMount& mount) {
  ViewPath path(view, mount.target);
  // What cannot even be looked up needs no mask: the command has fewer rights than this process.
  if (mount.op == MountOp::kMask && faccessat(AT_FDCWD, path.text(), F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
      errno == EACCES) {
    return true;
  }
  if (!mount.optional) return false;
  if (mount.op == MountOp::kBind) return mount.tree < 0;
  return faccessat(AT_FDCWD, path.text(), F_OK, AT_SYMLINK_NOFOLLOW) != 0;
}

void PlaceStep(const View& view, const ChildMount& mount, size_t step) {
  if (IsGone(view, mount)) return;
  switch (mount.op) {
    case MountOp::kBind:
      Place(view, mount.tree, OpenOrMakeTarget(view, mount, step), step);
      return;
    case MountOp::kReadOnly:
      PlaceOnItself(view, mount, true, step);
      return;
    case MountOp::kPin:
      PlaceOnItself(view, mount, false, step);
      return;
    case MountOp::kMask:
      PlaceScratch(view, mount, mount.directory ? "mask" : "mask-file", step);
      return;
    case MountOp::kCover:
      PlaceScratch(view, mount, "empty", step);
      return;
    case MountOp::kPrivate:
      if (mount.layer == nullptr) {
        PlacePrivate(view, mount, step);
      } else {
        Place(view, mount.tree, OpenOrMakeTarget(view, mount, step), step);
      }
      return;
    case MountOp::kHome:
      PlaceHome(view, mount, step);
      return;
    case MountOp::kDev:
      PlaceDev(view, mount, step);
      return;
    case MountOp::kProc:
      PlaceProc(view, mount, step);
      return;
    case MountOp::kSymlink:
      PlaceLink(view, mount, step);
      return;
  }
}

// A minimal root is a directory of the scratch file system, made the root once it holds everything.
void PrepareRoot(const View& view) {
  if (!view.spec.minimal_root) return;
  MakeInScratch(view, kRootDirectory, Stage::kPivot, 0);
  const int tree = CloneTree(view, view.scratch, kRootDirectory.name, false, Stage::kPivot, 0);
  if (move_mount(tree, "", AT_FDCWD, kNewRoot, MOVE_MOUNT_F_EMPTY_PATH) != 0)
    FailSetup(view.spec, Stage::kPivot, 0, errno);
  close(tree);
}

void EnterRoot(const View& view) {
  if (!view.spec.minimal_root) return;
  if (chdir(kNewRoot) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
      chdir("/") != 0) {
    FailSetup(view.spec, Stage::kPivot, 0, errno);
  }
  struct mount_attr attr = {};
  attr.attr_set = kQuiet | MOUNT_ATTR_RDONLY;
  if (mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof(attr)) != 0) FailSetup(view.spec, Stage::kPivot, 0, errno);
}

}  // namespace

void BuildView(ChildSpec& spec) {
  View view = {spec, spec.minimal_root ? kNewRoot : ""};
  const mode_t caller_umask = umask(0);  // the modes here are exact; the command gets its caller's back
  CloneSources(view);
  SealHost(view);
  AttachScratch(view);
  PrepareRoot(view);
  for (size_t i = 0; i < spec.mounts_before_placeholders; ++i) PlaceStep(view, spec.mounts[i], i);
  AwaitWorkspace(view.spec);
  for (size_t i = spec.mounts_before_placeholders; i < spec.mount_count; ++i) PlaceStep(view, spec.mounts[i], i);
  EnterRoot(view);
  close(view.scratch);
  umask(caller_umask);
}

}  // namespace paddock
