// Files, by way of the mount table: what a read-only or masking mount hides is laid bare again.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

// The mount API of Linux 5.2 to 5.12, by number: Debian 12's headers lack parts of it.
constexpr long kOpenTree = 428;
constexpr long kMoveMount = 429;
constexpr long kMountSetattr = 442;
constexpr unsigned kOpenTreeClone = 1;
constexpr unsigned kMoveMountFEmptyPath = 4;
constexpr uint64_t kMountAttrRdonly = 1;

struct MountAttributes {
  uint64_t set = 0, clear = 0, propagation = 0, userns_fd = 0;
};

int WriteFile(const std::string& path, const std::string& text) {
  const int fd = static_cast<int>(Step(path.c_str(), open(path.c_str(), O_WRONLY | O_CLOEXEC)));
  return fd >= 0 && WriteAll(fd, text) ? 0 : 1;
}

int ShowFile(int directory, const std::string& path) {
  const int fd = static_cast<int>(Step(path.c_str(), openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC)));
  return Show(fd) ? 0 : 1;
}

int Remount(const Args& a) {
  for (const char* point : {a[0].c_str(), "/"})
    Step(point, mount(nullptr, point, nullptr, MS_REMOUNT | MS_BIND, nullptr));
  return WriteFile(a[1], a[2]);
}

int Setattr(const Args& a) {
  MountAttributes attributes{.clear = kMountAttrRdonly};
  for (const char* point : {a[0].c_str(), "/"}) {
    Step(point, syscall(kMountSetattr, AT_FDCWD, point, 0, &attributes, sizeof(attributes)));
  }
  return WriteFile(a[1], a[2]);
}

int Unmount(const Args& a) {
  Step(a[0].c_str(), umount2(a[0].c_str(), MNT_DETACH));
  return ShowFile(AT_FDCWD, a[1]);
}

// A plain bind of the root does not carry the mounts on top of it: the masks are gone in the copy.
int BindAround(const Args& a) {
  mkdir(a[0].c_str(), 0755);
  Step("mount", mount("/", a[0].c_str(), nullptr, MS_BIND, nullptr));
  return ShowFile(AT_FDCWD, a[0] + a[1]);
}

int CloneAround(const Args& a) {
  const long tree = Step("open_tree", syscall(kOpenTree, AT_FDCWD, "/", kOpenTreeClone));
  if (tree < 0) return 1;
  return ShowFile(static_cast<int>(tree), a[0].substr(1));
}

// The same copy, attached, and made writable.
int CloneToWrite(const Args& a) {
  mkdir(a[0].c_str(), 0755);
  const long tree = Step("open_tree", syscall(kOpenTree, AT_FDCWD, "/", kOpenTreeClone));
  MountAttributes attributes{.clear = kMountAttrRdonly};
  Step("mount_setattr", syscall(kMountSetattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)));
  Step("move_mount", syscall(kMoveMount, tree, "", AT_FDCWD, a[0].c_str(), kMoveMountFEmptyPath));
  return WriteFile(a[0] + a[1], a[2]);
}

// An empty tmpfs over a directory that must not be writable: what is then created looks protected and is not.
int MountOver(const Args& a) {
  if (Step("mount", mount("tmpfs", a[0].c_str(), "tmpfs", 0, nullptr)) < 0) return 1;
  Hold();
  return 0;
}

// Fresh procfs and sysfs instances come without the read-only mounts over their switches.
int FreshProc(const Args& a) {
  mkdir(a[0].c_str(), 0755);
  if (Step("mount", mount("proc", a[0].c_str(), "proc", 0, nullptr)) < 0) return 1;
  return WriteFile(a[0] + a[1], a[2]);
}

int Chroot(const Args& a) {
  if (Step("chroot", chroot(a[0].c_str())) < 0) return 1;
  Hold();
  return 0;
}

constexpr Attack kAttacks[] = {
    {"remount", "MOUNT FILE TEXT", 3, Remount}, {"mount-setattr", "MOUNT FILE TEXT", 3, Setattr},
    {"unmount", "MASK SECRET", 2, Unmount},     {"bind-around", "DIRECTORY SECRET", 2, BindAround},
    {"clone-around", "SECRET", 1, CloneAround}, {"clone-to-write", "DIRECTORY FILE TEXT", 3, CloneToWrite},
    {"mount-over", "DIRECTORY", 1, MountOver},  {"fresh-proc", "DIRECTORY FILE TEXT", 3, FreshProc},
    {"chroot", "DIRECTORY", 1, Chroot},
};

}  // namespace

std::span<const Attack> MountAttacks() { return kAttacks; }

}  // namespace attacker
