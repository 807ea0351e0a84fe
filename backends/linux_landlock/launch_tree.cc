// How the tree of a sandbox is ended by the process that watches over it.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/linux_landlock/launch_child.h"

namespace paddock {
namespace {

// Sends SIGKILL to each child of this process; false if the kernel does not tell them (CONFIG_PROC_CHILDREN). They are
// children until they are reaped, so that no number is another process's.
bool KillChildren() {
  const int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[4096];
  pid_t pid = 0;
  ssize_t size;
  while ((size = read(fd, text, sizeof(text))) > 0) {
    for (ssize_t i = 0; i < size; ++i) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
      } else {
        if (pid > 1) kill(pid, SIGKILL);
        pid = 0;
      }
    }
  }
  close(fd);
  return true;
}

// Whoever dies leaves its children to this process, the subreaper: round by round the whole tree comes up.
void EndDescendants() {
  while (KillChildren()) {
    if (waitpid(-1, nullptr, __WALL) < 0 && errno == ECHILD) return;
    while (waitpid(-1, nullptr, __WALL | WNOHANG) > 0) {
    }
  }
}

}  // namespace

void EndTree(const ChildSpec& spec) {
  if (spec.tier == LinuxTier::kLandlock) return EndDescendants();
  do {
    kill(-1, SIGKILL);
  } while (waitpid(-1, nullptr, __WALL) > 0);
}

}  // namespace paddock
