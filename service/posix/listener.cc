#include "service/posix/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"

namespace paddock::service {
namespace {

constexpr int kBacklog = 128;
constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START of sd_listen_fds(3)

absl::Status SystemError(absl::string_view what) { return absl::ErrnoToStatus(errno, what); }

std::string Namespace(pid_t pid, absl::string_view kind) {
  char target[PATH_MAX];
  const std::string link = absl::StrCat("/proc/", pid, "/ns/", kind);
  const ssize_t n = readlink(link.c_str(), target, sizeof(target));
  return n < 0 ? "" : std::string(target, static_cast<size_t>(n));
}

// How many seccomp filters a process is behind: "Seccomp_filters" of proc_pid_status(5); -1 if that cannot be read.
int SeccompFilters(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string line;
  while (std::getline(status, line)) {
    absl::string_view text = line;
    int count = 0;
    if (absl::ConsumePrefix(&text, "Seccomp_filters:") && absl::SimpleAtoi(text, &count)) return count;
  }
  return -1;
}

bool HasEnded(int pidfd) {
  pollfd event = {pidfd, POLLIN, 0};
  return poll(&event, 1, 0) != 0;
}

// A command in a sandbox has this user's uid, and a policy may have left the socket in its sight; a tier without
// namespaces cannot even hide it. If it could give orders, it would be out: so a peer that is confined and the daemon
// is not is turned away. nullptr: it is not.
const char* WhyConfined(int connection, pid_t pid) {
  // The number may be another process's by now, if the kernel cannot hold it for us (SO_PEERPIDFD, Linux 6.5).
  constexpr int kPeerPidfd = 77;
  int descriptor = -1;
  socklen_t size = sizeof(descriptor);
  const bool held = getsockopt(connection, SOL_SOCKET, kPeerPidfd, &descriptor, &size) == 0;
  const UniqueFd pidfd(held ? descriptor : -1);
  for (const char* kind : {"user", "pid"}) {
    if (Namespace(pid, kind) != Namespace(getpid(), kind)) return "namespace";
  }
  const int filters = SeccompFilters(pid);
  if (filters < 0 || filters > SeccompFilters(getpid())) return "seccomp";
  return held && HasEnded(pidfd.get()) ? "ended" : nullptr;
}

absl::Status CheckDirectory(const std::string& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return SystemError(absl::StrCat("mkdir ", directory));
  struct stat status;
  if (stat(directory.c_str(), &status) != 0) return SystemError(absl::StrCat("stat ", directory));
  const bool owned = status.st_uid == geteuid() || status.st_uid == 0;
  const bool shared = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (status.st_mode & S_ISVTX) == 0;
  if (owned && !shared) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      directory, ": somebody else may put a socket in the place of the daemon's; choose a directory of your own"));
}

absl::StatusOr<UniqueFd> Lock(const std::string& path) {
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.valid()) return SystemError(absl::StrCat("open ", path));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  return absl::AlreadyExistsError(absl::StrCat(path, ": another paddockd serves here"));
}

absl::StatusOr<UniqueFd> BindSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": a socket's path has at most 107 bytes"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return SystemError("socket");
  // What a daemon left that was killed. Nobody else's: the lock is ours.
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError(absl::StrCat("unlink ", path));
  const mode_t before = umask(0177);
  const int bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  umask(before);
  if (bound != 0) return SystemError(absl::StrCat("bind ", path));
  if (listen(socket.get(), kBacklog) != 0) return SystemError(absl::StrCat("listen ", path));
  return socket;
}

}  // namespace

Listener::Listener(EventLoop* loop, UniqueFd socket, std::string path, size_t most, Hooks hooks)
    : loop_(loop), socket_(std::move(socket)), path_(std::move(path)), most_(most), hooks_(std::move(hooks)) {}

Listener::~Listener() {
  Close();
  for (const int connection : open_) {
    loop_->Forget(connection);
    close(connection);
  }
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(EventLoop* loop, const std::string& path, size_t most,
                                                         Hooks hooks) {
  RETURN_IF_ERROR(CheckDirectory(std::string(ParentPath(path))));
  ASSIGN_OR_RETURN(UniqueFd lock, Lock(absl::StrCat(path, ".lock")));
  ASSIGN_OR_RETURN(UniqueFd socket, BindSocket(path));
  auto listener = std::unique_ptr<Listener>(new Listener(loop, std::move(socket), path, most, std::move(hooks)));
  listener->lock_ = std::move(lock);
  listener->bound_here_ = true;
  RETURN_IF_ERROR(listener->Start());
  return listener;
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Inherit(EventLoop* loop, size_t most, Hooks hooks) {
  const char* const pid = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || absl::StrCat(getpid()) != pid) return nullptr;
  int descriptors = 0;
  if (!absl::SimpleAtoi(count, &descriptors) || descriptors != 1) {
    return absl::InvalidArgumentError(absl::StrCat("LISTEN_FDS=", count, ": one socket is wanted"));
  }
  UniqueFd socket(kFirstInherited);
  sockaddr_un address = {};
  socklen_t size = sizeof(address);
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.sun_family != AF_UNIX ||
      address.sun_path[0] != '/') {
    return absl::InvalidArgumentError("the socket of systemd's is no unix socket with a path");
  }
  fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  auto listener = std::unique_ptr<Listener>(
      new Listener(loop, std::move(socket), std::string(address.sun_path), most, std::move(hooks)));
  RETURN_IF_ERROR(listener->Start());
  return listener;
}

absl::Status Listener::Start() {
  return loop_->Watch(socket_.get(), EPOLLIN, [this](uint32_t) { Accept(); });
}

void Listener::Close() {
  if (!socket_.valid()) return;
  loop_->Forget(socket_.get());
  socket_.reset();
  if (bound_here_) unlink(path_.c_str());
  lock_.reset();
}

void Listener::Accept() {
  UniqueFd connection(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection.valid()) return;
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  const bool known = getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  const Peer peer = {known ? credentials.uid : static_cast<uid_t>(-1), credentials.pid};
  if (!known || peer.uid != geteuid()) return hooks_.on_refused(peer, "uid");
  if (const char* const why = WhyConfined(connection.get(), peer.pid)) return hooks_.on_refused(peer, why);
  if (open_.size() >= most_) return hooks_.on_refused(peer, "limit");
  Watch(connection.get());
  hooks_.on_connection(std::move(connection));
}

// gRPC does not tell when it is done with a connection; it shuts it down, though.
void Listener::Watch(int connection) {
  const int duplicate = fcntl(connection, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return;
  const absl::Status watched = loop_->Watch(duplicate, 0, [this, duplicate](uint32_t) {
    loop_->Forget(duplicate);
    close(duplicate);
    open_.erase(duplicate);
    hooks_.on_closed();
  });
  if (watched.ok()) {
    open_.insert(duplicate);
  } else {
    close(duplicate);
  }
}

}  // namespace paddock::service
