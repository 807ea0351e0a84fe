// Before windows.h, which would bring Winsock 1.
#include <winsock2.h>
#include <ws2tcpip.h>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_listeners.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/unique_handle.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

struct SocketTraits {
  using Handle = SOCKET;
  static Handle None() { return INVALID_SOCKET; }
  static void Close(Handle handle) { closesocket(handle); }
};
using UniqueSocket = BasicUniqueHandle<SocketTraits>;

// Winsock, for as long as this lives.
class Winsock {
 public:
  Winsock() : error_(WSAStartup(MAKEWORD(2, 2), &data_)) {}
  Winsock(const Winsock&) = delete;
  Winsock& operator=(const Winsock&) = delete;
  ~Winsock() {
    if (error_ == 0) WSACleanup();
  }
  int error() const { return error_; }

 private:
  WSADATA data_ = {};
  const int error_;
};

// The loopback address of one family.
class Loopback {
 public:
  Loopback(bool ipv6, uint16_t port) : ipv6_(ipv6) {
    if (ipv6) {
      six_.sin6_family = AF_INET6;
      six_.sin6_addr = in6addr_loopback;
      six_.sin6_port = htons(port);
    } else {
      four_.sin_family = AF_INET;
      four_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      four_.sin_port = htons(port);
    }
  }
  int family() const { return ipv6_ ? AF_INET6 : AF_INET; }
  sockaddr* get() { return ipv6_ ? reinterpret_cast<sockaddr*>(&six_) : reinterpret_cast<sockaddr*>(&four_); }
  int size() const { return ipv6_ ? static_cast<int>(sizeof(six_)) : static_cast<int>(sizeof(four_)); }
  uint16_t port() const { return ntohs(ipv6_ ? six_.sin6_port : four_.sin_port); }

 private:
  const bool ipv6_;
  sockaddr_in four_ = {};
  sockaddr_in6 six_ = {};
};

class Listeners : public LoopbackListeners {
 public:
  // Whether this family can be listened on.
  bool Add(bool ipv6) {
    Loopback address(ipv6, 0);
    UniqueSocket socket(WSASocketW(address.family(), SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_NO_HANDLE_INHERIT));
    int size = address.size();
    u_long nonblocking = 1;
    if (!socket.valid() || bind(socket.get(), address.get(), size) != 0 || listen(socket.get(), SOMAXCONN) != 0 ||
        getsockname(socket.get(), address.get(), &size) != 0 ||
        ioctlsocket(socket.get(), static_cast<long>(FIONBIO), &nonblocking) != 0) {
      return false;
    }
    tries_.push_back({ipv6, address.port()});
    sockets_.push_back(std::move(socket));
    return true;
  }

  const Winsock& winsock() const { return winsock_; }
  const std::vector<ConnectTry>& tries() const override { return tries_; }

  bool Arrived() override {
    for (const UniqueSocket& socket : sockets_) {
      const UniqueSocket accepted(accept(socket.get(), nullptr, nullptr));
      if (accepted.valid()) return true;
    }
    return false;
  }

 private:
  Winsock winsock_;
  std::vector<UniqueSocket> sockets_;
  std::vector<ConnectTry> tries_;
};

uint32_t TryConnection(const ConnectTry& one) {
  Loopback address(one.ipv6, one.port);
  const UniqueSocket socket(
      WSASocketW(address.family(), SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_NO_HANDLE_INHERIT));
  if (!socket.valid() || connect(socket.get(), address.get(), address.size()) != 0) {
    return static_cast<uint32_t>(WSAGetLastError());
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LoopbackListeners>> ListenOnLoopback() {
  auto listeners = std::make_unique<Listeners>();
  if (listeners->winsock().error() != 0) {
    return StepRefused("network_filter_unverified", "WSAStartup", static_cast<uint32_t>(listeners->winsock().error()));
  }
  listeners->Add(false);
  listeners->Add(true);
  return std::unique_ptr<LoopbackListeners>(std::move(listeners));
}

std::vector<ConnectResult> TryConnections(const std::vector<ConnectTry>& tries) {
  const Winsock winsock;
  std::vector<ConnectResult> results;
  for (const ConnectTry& one : tries) {
    results.push_back({one.ipv6, winsock.error() != 0 ? static_cast<uint32_t>(winsock.error()) : TryConnection(one)});
  }
  return results;
}

}  // namespace paddock
