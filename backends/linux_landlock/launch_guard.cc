#include "backends/linux_landlock/launch_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/launch_cpu.h"
#include "backends/linux_landlock/launch_syscalls.h"

namespace paddock {
namespace {

constexpr size_t kStackSize = 128u << 10;
constexpr int kTreeEnd = 2000;  // milliseconds; SIGKILL ends a tree in far less

// Closes every descriptor but the given ones, which are in order: the launcher's output, say, would otherwise seem open
// to its reader.
void KeepOnly(const std::vector<int>& keep) {
  unsigned next = 0;
  for (const int kept : keep) {
    const auto fd = static_cast<unsigned>(kept);
    if (fd > next) close_range(next, fd - 1, 0);
    next = fd + 1;
  }
  close_range(next, ~0u, 0);
}

// Until `fd` is ready or hung up, or `timeout` milliseconds have passed.
void Await(int fd, int timeout) {
  pollfd event = {fd, POLLIN, 0};
  while (poll(&event, 1, timeout) < 0 && errno == EINTR) {
  }
}

}  // namespace

int LaunchGuard::Main(void* self) {
  auto& guard = *static_cast<LaunchGuard*>(self);
  const int dismissed = guard.dismissed_read_.get(), launcher = guard.launcher_.get();
  KeepOnly(guard.keep_);
  pollfd events[] = {{dismissed, POLLIN, 0}, {launcher, POLLIN, 0}};
  while (poll(events, 2, -1) < 0 && errno == EINTR) {
  }
  // Dismissal is a byte: the mere end of the pipe is the launcher's death too.
  if ((events[0].revents & POLLIN) != 0) _exit(0);
  Await(launcher, -1);
  if (guard.guarded_.cgroup != nullptr) guard.guarded_.cgroup->Kill();
  Await(dismissed, kTreeEnd);
  // Pid 1 lets its descriptors go before its tree has ended. Its number may be another's by now, so that the wait is
  // bounded.
  const int init = guard.init_pid_ > 0 ? PidfdOpen(guard.init_pid_) : -1;
  if (init >= 0) Await(init, kTreeEnd);
  if (guard.terminal_.valid()) tcsetattr(guard.terminal_.get(), TCSANOW, &guard.settings_);
  if (guard.guarded_.lease != nullptr) guard.guarded_.lease->Release();
  if (guard.guarded_.cgroup != nullptr) guard.guarded_.cgroup->Remove();
  if (guard.guarded_.directory != nullptr) guard.guarded_.directory->Remove();
  _exit(0);
}

absl::StatusOr<std::unique_ptr<LaunchGuard>> LaunchGuard::Start(const Guarded& guarded, int terminal,
                                                                int launcher_pidfd) {
  auto guard = std::unique_ptr<LaunchGuard>(new LaunchGuard);
  guard->guarded_ = guarded;
  guard->launcher_.reset(fcntl(launcher_pidfd, F_DUPFD_CLOEXEC, 3));
  if (terminal >= 0 && tcgetattr(terminal, &guard->settings_) == 0) {
    guard->terminal_.reset(fcntl(terminal, F_DUPFD_CLOEXEC, 3));
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError(absl::StrCat("guard: pipe2: ", strerror(errno)));
  guard->dismissed_read_.reset(ends[0]);
  guard->dismissed_write_.reset(ends[1]);
  if (guarded.lease != nullptr) guard->keep_ = guarded.lease->descriptors();
  if (guarded.home_lock >= 0) guard->keep_.push_back(guarded.home_lock);
  if (guarded.cgroup != nullptr) guard->keep_.push_back(guarded.cgroup->descriptor());
  if (guarded.directory != nullptr) {
    for (const int fd : guarded.directory->descriptors()) guard->keep_.push_back(fd);
  }
  for (const UniqueFd* fd : {&guard->dismissed_read_, &guard->launcher_, &guard->terminal_}) {
    if (fd->valid()) guard->keep_.push_back(fd->get());
  }
  std::sort(guard->keep_.begin(), guard->keep_.end());
  guard->stack_ = mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (guard->stack_ == MAP_FAILED) {
    guard->stack_ = nullptr;
    return absl::InternalError(absl::StrCat("guard: mmap: ", strerror(errno)));
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the guard keeps this mask: a terminal's ^C is not for it
  PinnedCpu cpu;                                // the guard keeps this, too
  cpu.Pin();
  guard->pid_ = clone(Main, static_cast<char*>(guard->stack_) + kStackSize, CLONE_VM, guard.get());
  const int error = errno;
  cpu.Restore();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (guard->pid_ < 0) return absl::InternalError(absl::StrCat("guard: clone: ", strerror(error)));
  return guard;
}

void LaunchGuard::Dismiss() {
  if (dismissed_) return;
  dismissed_ = true;
  const char dismissed = 1;
  if (write(dismissed_write_.get(), &dismissed, 1) != 1) kill(pid_, SIGKILL);
}

void LaunchGuard::LeaseReleased() {
  if (!terminal_.valid() && guarded_.cgroup == nullptr && guarded_.directory == nullptr) Dismiss();
}

LaunchGuard::~LaunchGuard() {
  if (pid_ > 0) {
    Dismiss();
    while (waitpid(pid_, nullptr, __WALL) < 0 && errno == EINTR) {
    }
  }
  if (stack_ != nullptr) munmap(stack_, kStackSize);
}

}  // namespace paddock
