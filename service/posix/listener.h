#ifndef PADDOCK_SERVICE_POSIX_LISTENER_H_
#define PADDOCK_SERVICE_POSIX_LISTENER_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"
#include "service/posix/event_loop.h"

namespace paddock::service {

// The unix socket: takes connections itself, so that who is not of the same user is turned away before gRPC has seen a
// byte. On the loop's thread.
class Listener {
 public:
  struct Peer {
    uid_t uid = 0;
    pid_t pid = 0;
  };
  struct Hooks {
    std::function<void(UniqueFd connection)> on_connection;
    // `why`: "uid"; "namespace", "seccomp" (the peer is in another user or process namespace, or behind more filters,
    // as what runs in a sandbox is); "ended"; "limit".
    std::function<void(const Peer& peer, const char* why)> on_refused;
    std::function<void()> on_closed;  // a connection has been
  };

  // Binds `path`, mode 0600. A directory that is missing is made, mode 0700; in one that others could rename the socket
  // in, and where another daemon serves, it fails.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(EventLoop* loop, const std::string& path, size_t most,
                                                        Hooks hooks);
  // The one of systemd's socket activation (sd_listen_fds(3)), if this process was given any.
  static absl::StatusOr<std::unique_ptr<Listener>> Inherit(EventLoop* loop, size_t most, Hooks hooks);
  ~Listener();

  // Takes no more connections; those that are there stay.
  void Close();
  size_t open() const { return open_.size(); }
  // Where it listens, absolute.
  const std::string& path() const { return path_; }

 private:
  Listener(EventLoop* loop, UniqueFd socket, std::string path, size_t most, Hooks hooks);
  absl::Status Start();
  void Accept();
  void Watch(int connection);

  EventLoop* const loop_;
  UniqueFd socket_, lock_;
  std::string path_;
  bool bound_here_ = false;
  const size_t most_;
  const Hooks hooks_;
  std::set<int> open_;  // duplicates of the connections, to hear their end
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_LISTENER_H_
