#include "backends/linux_landlock/launch_child.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backends/linux_landlock/launch_syscalls.h"

namespace paddock {
namespace {

void WriteFile(const ChildSpec& spec, const char* path, const char* text, Stage stage, size_t step) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) FailSetup(spec, stage, step, errno);
  const size_t size = strlen(text);
  if (write(fd, text, size) != static_cast<ssize_t>(size)) FailSetup(spec, stage, step, errno);
  close(fd);
}

// The launcher's end is this process's end, from the first moment on: the death signal covers what follows, the pidfd
// what came before it was set. Without a pid namespace this process has a tree to end first, and so only watches.
void BindToLauncher(const ChildSpec& spec) {
  const int signal = spec.tier == LinuxTier::kLandlock ? 0 : SIGKILL;
  if (prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) FailSetup(spec, Stage::kLauncherGone, 0, errno);
  pollfd launcher = {spec.launcher_pidfd, POLLIN, 0};
  if (poll(&launcher, 1, 0) != 0) _exit(1);
}

void MapIds(const ChildSpec& spec) {
  WriteFile(spec, "/proc/self/setgroups", "deny", Stage::kIdMaps, 0);
  WriteFile(spec, "/proc/self/uid_map", spec.uid_map, Stage::kIdMaps, 1);
  WriteFile(spec, "/proc/self/gid_map", spec.gid_map, Stage::kIdMaps, 2);
}

// A user namespace that has had a binfmt_misc of its own looks for handlers nowhere else; an empty one has none. It
// lasts as long as the namespace, mounted or not (fs/binfmt_misc.c, load_binfmt_misc).
void LeaveOutHandlers(const ChildSpec& spec) {
  if (!spec.own_binfmt) return;
  const int context = fsopen("binfmt_misc", FSOPEN_CLOEXEC);
  if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    FailSetup(spec, Stage::kBinfmt, 0, errno);
  }
  close(context);
}

void LimitNamespaces(const ChildSpec& spec) {
  if (spec.pid_max != nullptr) WriteFile(spec, "/proc/sys/kernel/pid_max", spec.pid_max, Stage::kLimits, 0);
  // A namespace of its own inside would bring every capability back.
  WriteFile(spec, "/proc/sys/user/max_user_namespaces", "0", Stage::kLimits, 1);
}

void LimitResources(const ChildSpec& spec) {
  for (size_t i = 0; i < spec.rlimit_count; ++i) {
    const rlimit limit = {spec.rlimits[i].soft, spec.rlimits[i].hard};
    rlimit now = {};
    const auto resource = static_cast<__rlimit_resource>(spec.rlimits[i].resource);
    if (getrlimit(resource, &now) == 0 && now.rlim_max <= limit.rlim_max) continue;  // tighter already
    if (setrlimit(resource, &limit) != 0) FailSetup(spec, Stage::kLimits, 2 + i, errno);
  }
}

void RaiseLoopback(const ChildSpec& spec) {
  if (!spec.own_network) return;
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) FailSetup(spec, Stage::kLoopback, 0, errno);
  ifreq request = {};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) FailSetup(spec, Stage::kLoopback, 0, errno);
  close(fd);
}

// What the command leaves without a parent comes to this process, and is found when the tree is to end.
void AdoptOrphans(const ChildSpec& spec) {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) FailSetup(spec, Stage::kLauncherGone, 2, errno);
}

void EnterNamespaces(ChildSpec& spec) {
  MapIds(spec);
  LeaveOutHandlers(spec);
  LimitNamespaces(spec);
  LimitResources(spec);
  BuildView(spec);
  RaiseLoopback(spec);
}

// A terminal from the sandbox's own devpts; returns its slave, and sends the master with the start message later.
int OpenTerminal(const ChildSpec& spec, int* master) {
  if (!spec.tty) return -1;
  const char* const ptmx = spec.tier == LinuxTier::kLandlock ? "/dev/ptmx" : "/dev/pts/ptmx";
  *master = open(ptmx, O_RDWR | O_NOCTTY | O_CLOEXEC);
  int unlock = 0;
  if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlock) != 0) FailSetup(spec, Stage::kTerminal, 0, errno);
  const int slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) FailSetup(spec, Stage::kTerminal, 1, errno);
  winsize size = {};
  size.ws_col = spec.columns;
  size.ws_row = spec.rows;
  ioctl(*master, TIOCSWINSZ, &size);
  return slave;
}

int MoveUp(const ChildSpec& spec, int fd) {
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, kSpareDescriptors);
  if (moved < 0) FailSetup(spec, Stage::kStdio, 0, errno);
  return moved;
}

// Standard streams on 0 to 2, and nothing else but what pid 1 itself needs: what the launcher's process had open stays
// out of reach.
void ArrangeDescriptors(ChildSpec& spec, int slave) {
  spec.status_fd = MoveUp(spec, spec.status_fd);
  spec.launcher_pidfd = MoveUp(spec, spec.launcher_pidfd);
  if (spec.guard_fd >= 0) spec.guard_fd = MoveUp(spec, spec.guard_fd);
  for (int i = 0; i < 3; ++i) {
    int source = spec.tty ? slave : spec.stdio[i];
    if (source < 0) source = open("/dev/null", (i == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
    if (source < 0) FailSetup(spec, Stage::kStdio, static_cast<size_t>(i), errno);
    spec.stdio[i] = MoveUp(spec, source);
  }
  for (int i = 0; i < 3; ++i) {
    if (dup2(spec.stdio[i], i) < 0) FailSetup(spec, Stage::kStdio, static_cast<size_t>(i), errno);
  }
  constexpr int kStatus = 3, kLauncher = 4, kGuard = 5;
  if (dup3(spec.status_fd, kStatus, O_CLOEXEC) < 0 || dup3(spec.launcher_pidfd, kLauncher, O_CLOEXEC) < 0) {
    FailSetup(spec, Stage::kStdio, 3, errno);
  }
  spec.status_fd = kStatus;
  spec.launcher_pidfd = kLauncher;
  if (spec.guard_fd >= 0 && dup3(spec.guard_fd, kGuard, O_CLOEXEC) < 0) FailSetup(spec, Stage::kStdio, 3, errno);
  if (close_range(spec.guard_fd >= 0 ? kGuard + 1 : kGuard, ~0u, 0) != 0) FailSetup(spec, Stage::kStdio, 4, errno);
}

}  // namespace

void FailSetup(const ChildSpec& spec, Stage stage, size_t step, int error) {
  StatusMessage message = {};
  message.kind = MessageKind::kSetupFailed;
  message.stage = stage;
  message.step = static_cast<uint32_t>(step);
  message.error = error;
  SendStatus(spec.status_fd, message);
  _exit(1);
}

// Placeholders are the launcher's to make, at the same time as everything up to the first of them is mounted here. The
// launcher's end of the socket is open in this process still, so that its death does not show there.
void AwaitWorkspace(const ChildSpec& spec) {
  pollfd events[] = {{spec.status_fd, POLLIN, 0}, {spec.launcher_pidfd, POLLIN, 0}};
  while (poll(events, 2, -1) < 0 && errno == EINTR) {
  }
  char prepared;
  if (events[1].revents != 0 || recv(spec.status_fd, &prepared, sizeof(prepared), MSG_DONTWAIT) != sizeof(prepared)) {
    _exit(1);  // the launcher has given up, or is gone
  }
}

void RunChild(ChildSpec& spec) {
  spec.cpu.Pin();
  signal(SIGCHLD, SIG_DFL);  // an ignored one would be inherited, and hide the command's end
  BindToLauncher(spec);
  setsid();  // a ^C of the caller's terminal reaches the launcher alone, which forwards it
  if (spec.tier == LinuxTier::kNamespaces) {
    EnterNamespaces(spec);
  } else {
    AdoptOrphans(spec);
    LimitResources(spec);
    AwaitWorkspace(spec);
  }
  int master = -1;
  const int slave = OpenTerminal(spec, &master);
  if (master >= 0) {
    // Sent at once: it is not to stay open in here.
    StatusMessage message = {};
    message.kind = MessageKind::kTerminal;
    if (!SendStatus(spec.status_fd, message, master)) FailSetup(spec, Stage::kTerminal, 2, errno);
  }
  ArrangeDescriptors(spec, slave);
  if (chdir(spec.cwd) != 0) FailSetup(spec, Stage::kWorkingDirectory, 0, errno);
  DropPrivileges(spec);
  BindToLauncher(spec);  // giving up credentials clears the death signal
  SuperviseCommand(spec);
}

}  // namespace paddock
