#include "service/posix/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace paddock::service {
namespace {

absl::Status Unreachable(absl::string_view what) {
  return ReasonError(absl::StatusCode::kUnavailable, "service_unreachable", what);
}

}  // namespace

absl::StatusOr<UniqueFd> ConnectToDaemon(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return Unreachable(absl::StrCat("'", path, "': a socket's path has 1 to 107 bytes"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid() || connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Unreachable(absl::ErrnoToStatus(errno, absl::StrCat("connect to ", path)).message());
  }
  ucred peer = {};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      (peer.uid != geteuid() && peer.uid != 0)) {
    return Unreachable(absl::StrCat(path, ": another user serves there, uid ", peer.uid));
  }
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

}  // namespace paddock::service
