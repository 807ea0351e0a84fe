#ifndef PADDOCK_SERVICE_POSIX_PROCESS_H_
#define PADDOCK_SERVICE_POSIX_PROCESS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

// What the daemon needs of its process, as descriptors for an event loop.

namespace paddock::service {

inline constexpr uint32_t kReadable = 1;  // EPOLLIN

// SIGTERM, SIGINT and SIGHUP of this process, which do nothing else from then on; SIGPIPE is ignored. Before there are
// threads, which take the mask on.
class SignalSource {
 public:
  static absl::StatusOr<SignalSource> Create();
  int descriptor() const { return fd_.get(); }
  // The next one; 0 if there is none.
  int Take();

 private:
  explicit SignalSource(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

class Timer {
 public:
  Timer() = default;
  static absl::StatusOr<Timer> Once(std::chrono::seconds after);
  static absl::StatusOr<Timer> Every(std::chrono::seconds period);
  int descriptor() const { return fd_.get(); }
  void Take();

 private:
  explicit Timer(UniqueFd fd) : fd_(std::move(fd)) {}
  static absl::StatusOr<Timer> Make(std::chrono::seconds first, std::chrono::seconds period);
  UniqueFd fd_;
};

bool IsProgram(const std::string& path);

// As many descriptors as the system lets this process have: each run takes one, each connection two.
void RaiseDescriptorLimit();

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_PROCESS_H_
