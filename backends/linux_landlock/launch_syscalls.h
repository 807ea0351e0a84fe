#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SYSCALLS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SYSCALLS_H_

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "backends/linux_landlock/linux_plan.h"

// System calls that Debian 12's C library has no function for. Like all system calls: async-signal-safe, errno on -1.

namespace paddock {

inline int OpenAt2(int directory, const char* path, uint64_t flags, uint64_t resolve) {
  struct open_how how = {};
  how.flags = flags | O_CLOEXEC;
  how.resolve = resolve;
  return static_cast<int>(syscall(SYS_openat2, directory, path, &how, sizeof(how)));
}

// <sys/pidfd.h> of glibc 2.36 cannot be used from C++: its declarations have C++ linkage.
inline int PidfdOpen(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }
inline int PidfdSendSignal(int pidfd, int signal) {
  return static_cast<int>(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

// The path itself, through no symbolic link at all; a link as last component is opened as a link.
inline int OpenExact(const char* path) {
  return OpenAt2(AT_FDCWD, path, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

// Whether a file is the one that planning saw; true if planning had no look.
inline bool IsPlanned(const struct stat& st, const Identity& identity) {
  return identity.inode == 0 || (st.st_dev == identity.device && st.st_ino == identity.inode);
}

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SYSCALLS_H_
