// Pid 1 of the sandbox after set-up: starts the command, reaps, forwards the launcher's signals, and ends the tree when
// the command ends. It shares the command's confinement, filter included.

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "backends/linux_landlock/launch_child.h"

namespace paddock {
namespace {

constexpr int kNotReady = -1;

// Runs in the vforked child, on the parent's memory: returns only through exec or _exit. `error` is the parent's.
[[noreturn]] void ExecCommand(ChildSpec& spec, volatile int* error) {
  spec.cpu.Restore();
  setsid();
  if (spec.tty) ioctl(0, TIOCSCTTY, 0);
  signal(SIGPIPE, SIG_DFL);  // an ignored one would be inherited, and change how pipelines end
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (spec.tier == LinuxTier::kLandlock) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    EnterDomain(spec);
  }
  *error = 0;
  int worst = ENOENT;
  for (const char* const* path = spec.executables; *path != nullptr; ++path) {
    execve(*path, spec.argv, spec.envp);
    if (errno == ENOEXEC) {
      // As execvp(3): a script without an interpreter line is the shell's.
      spec.shell_argv[1] = const_cast<char*>(*path);
      execve("/bin/sh", spec.shell_argv, spec.envp);
      worst = ENOEXEC;
      break;
    }
    if (errno != ENOENT && errno != ENOTDIR) worst = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  *error = worst;
  _exit(127);
}

StatusMessage ReadBack() {
  StatusMessage message = {};
  message.kind = MessageKind::kStarted;
  message.seccomp_mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
  message.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  syscall(SYS_capget, &header, data);
  message.effective_capabilities = (static_cast<uint64_t>(data[1].effective) << 32) | data[0].effective;
  message.effective_capabilities |= (static_cast<uint64_t>(data[1].permitted) << 32) | data[0].permitted;
  return message;
}

// Reaps what has ended; true once the command itself has, with its status.
bool Reap(pid_t command, int* status) {
  bool ended = false;
  for (;;) {
    int one = 0;
    const pid_t pid = waitpid(-1, &one, WNOHANG);
    if (pid <= 0) return ended;
    if (pid != command) continue;
    *status = one;
    ended = true;
  }
}

// A signal of the launcher's goes to the command's process group. Those from inside the sandbox are nobody's business.
void Forward(const ChildSpec& spec, int signals, pid_t command, bool* child_event) {
  signalfd_siginfo info;
  while (read(signals, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    if (info.ssi_signo == SIGCHLD) {
      *child_event = true;
    } else if (info.ssi_pid == static_cast<uint32_t>(spec.launcher_pid)) {
      if (kill(-command, static_cast<int>(info.ssi_signo)) != 0) kill(command, static_cast<int>(info.ssi_signo));
    }
  }
}

// Ends what the command has left running, and tells of it only then: while this process takes the view down, the
// launcher looks at the workspace, in which nothing moves any more.
[[noreturn]] void End(const ChildSpec& spec, int status) {
  EndTree(spec);
  StatusMessage message = {};
  message.kind = MessageKind::kEnded;
  message.wait_status = status;
  getrusage(RUSAGE_CHILDREN, &message.usage);
  SendStatus(spec.status_fd, message);
  _exit(0);
}

}  // namespace

void SuperviseCommand(ChildSpec& spec) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  const int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) FailSetup(spec, Stage::kExec, 0, errno);
  const StatusMessage started = ReadBack();
  volatile int error = kNotReady;
  const pid_t command = vfork();
  if (command == 0) ExecCommand(spec, &error);
  if (command < 0) FailSetup(spec, Stage::kExec, 1, errno);
  spec.cpu.Restore();
  if (error == kNotReady) _exit(1);  // the child has told why
  if (error != 0) {
    StatusMessage message = {};
    message.kind = MessageKind::kExecFailed;
    message.error = error;
    SendStatus(spec.status_fd, message);
    _exit(1);
  }
  // The command holds them now; an end of a pipe left here would keep it open.
  close_range(0, 2, 0);
  SendStatus(spec.status_fd, started);
  int status = 0;
  for (;;) {
    // The launcher's end of the status socket goes when it wants the tree to end.
    pollfd events[] = {{signals, POLLIN, 0}, {spec.launcher_pidfd, POLLIN, 0}, {spec.status_fd, POLLIN, 0}};
    const int count = poll(events, 3, -1);
    const bool over = (count < 0 && errno != EINTR) || events[1].revents != 0 || events[2].revents != 0;
    if (over) EndTree(spec);
    if (over) _exit(1);
    bool child_event = false;
    Forward(spec, signals, command, &child_event);
    if (child_event && Reap(command, &status)) End(spec, status);
  }
}

}  // namespace paddock
