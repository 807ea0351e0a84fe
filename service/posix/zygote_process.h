#ifndef PADDOCK_SERVICE_POSIX_ZYGOTE_PROCESS_H_
#define PADDOCK_SERVICE_POSIX_ZYGOTE_PROCESS_H_

#include <sys/types.h>
#include <string>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock::service {

// The program `paddock-zygote`, which forks a process for each task. The daemon itself never forks once it has threads,
// and what clients ask for never meets gRPC's memory.
class ZygoteProcess {
 public:
  // Starts `program`, an absolute path. Before this process has any thread.
  static absl::StatusOr<ZygoteProcess> Start(const std::string& program);

  ZygoteProcess(ZygoteProcess&& other) noexcept
      : socket_(std::move(other.socket_)), pid_(std::exchange(other.pid_, -1)) {}
  ZygoteProcess& operator=(ZygoteProcess&&) noexcept = delete;
  // Lets it end with its runners, and waits for that.
  ~ZygoteProcess();

  // A socket to a new runner. Does not wait for it. Unavailable: the zygote has gone, or does not keep up.
  absl::StatusOr<UniqueFd> NewRunner();

  // Reports a hang-up when the zygote has gone.
  int socket() const { return socket_.get(); }

 private:
  ZygoteProcess(UniqueFd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}

  UniqueFd socket_;
  pid_t pid_;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_ZYGOTE_PROCESS_H_
