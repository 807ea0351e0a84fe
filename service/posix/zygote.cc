#include "service/posix/zygote.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock::service {
namespace {

// Runners that do not end in this time after the daemon did are killed.
constexpr unsigned kSecondsToEnd = 20;

// The descriptor of the next task; none at the daemon's end.
absl::StatusOr<UniqueFd> Receive(int socket) {
  for (;;) {
    char byte;
    iovec data = {&byte, sizeof(byte)};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    const ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (n == 0) return UniqueFd();
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, "the zygote cannot hear the daemon: recvmsg");
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) continue;
    int fd;
    std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return UniqueFd(fd);
  }
}

[[noreturn]] void BecomeRunner(UniqueFd task, pid_t zygote, absl::FunctionRef<int(int)> serve) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != zygote) _exit(1);
  signal(SIGCHLD, SIG_DFL);
  _exit(serve(task.get()));
}

}  // namespace

absl::Status RunZygote(int socket, absl::FunctionRef<int(int)> serve) {
  setsid();                  // what a terminal sends to the daemon's process group is the daemon's to hear
  signal(SIGCHLD, SIG_IGN);  // children are reaped by the kernel
  const pid_t self = getpid();
  for (;;) {
    auto task = Receive(socket);
    if (!task.ok()) return task.status();
    if (!task->valid()) break;
    const pid_t pid = fork();
    if (pid == 0) {
      close(socket);
      BecomeRunner(*std::move(task), self, serve);
    }
    // Without a process: the daemon sees its end of the channel closed.
  }
  alarm(kSecondsToEnd);
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  return absl::OkStatus();
}

}  // namespace paddock::service
