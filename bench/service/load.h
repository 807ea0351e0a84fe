#ifndef PADDOCK_BENCH_SERVICE_LOAD_H_
#define PADDOCK_BENCH_SERVICE_LOAD_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// A client of paddockd that costs as little as one can: one thread, and calls that wait in gRPC's completion queue.

namespace paddock::bench {

// What is run, and where: `argv` in `workspace`, with this process' environment.
struct Target {
  std::string socket;  // absolute
  std::string workspace;
  std::vector<std::string> argv;
  bool report = false;  // as with `paddock run`
};

class Load {
 public:
  virtual ~Load() = default;

  // One run on an open connection, from the call to its status. An error if it does not exit with 0.
  virtual absl::StatusOr<std::chrono::nanoseconds> TimeOnce() = 0;

  // Completed runs a second, `at_once` of them at any time, for `duration`.
  virtual absl::StatusOr<double> RunsPerSecond(int at_once, std::chrono::milliseconds duration) = 0;
};

// `connections`: how many the runs share.
std::unique_ptr<Load> MakeLoad(const Target& target, int connections);

}  // namespace paddock::bench

#endif  // PADDOCK_BENCH_SERVICE_LOAD_H_
