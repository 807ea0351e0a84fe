#include "service/posix/zygote_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "service/posix/zygote.h"

namespace paddock::service {
namespace {

absl::Status Unavailable(absl::string_view what) {
  return ReasonError(absl::StatusCode::kUnavailable, "launch_failed",
                     absl::ErrnoToStatus(errno, absl::StrCat("no runner can be started: ", what)).message());
}

// Whoever started the daemon may have had signals ignored or blocked (a shell does, for `paddockd &`), and a command
// would inherit that.
void ResetSignals() {
  for (int number = 1; number <= SIGRTMAX; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void Become(const char* program, int socket) {
  ResetSignals();
  if (socket == kZygoteSocket) {
    fcntl(socket, F_SETFD, 0);
  } else {
    dup2(socket, kZygoteSocket);
  }
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  execl(program, program, static_cast<char*>(nullptr));
  _exit(127);
}

}  // namespace

absl::StatusOr<ZygoteProcess> ZygoteProcess::Start(const std::string& program) {
  if (access(program.c_str(), X_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("the zygote ", program, " cannot be executed (--zygote names it)"));
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return absl::ErrnoToStatus(errno, "socketpair");
  UniqueFd ours(ends[0]), theirs(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork");
  if (pid == 0) Become(program.c_str(), theirs.get());
  return ZygoteProcess(std::move(ours), pid);
}

ZygoteProcess::~ZygoteProcess() {
  if (pid_ < 0) return;
  socket_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::StatusOr<UniqueFd> ZygoteProcess::NewRunner() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return Unavailable("socketpair");
  UniqueFd ours(ends[0]), theirs(ends[1]);
  char byte = 0;
  iovec data = {&byte, sizeof(byte)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = theirs.get();
  std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  if (sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return Unavailable("sendmsg to the zygote");
  // Both ends of a socketpair share nothing of their flags: the runner's is made non-blocking by the runner.
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  return ours;
}

}  // namespace paddock::service
