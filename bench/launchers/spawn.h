#ifndef PADDOCK_BENCH_LAUNCHERS_SPAWN_H_
#define PADDOCK_BENCH_LAUNCHERS_SPAWN_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Starting programs and measuring them, with as little of our own in between as there can be.

namespace paddock::bench {

struct Command {
  std::vector<std::string> argv;  // argv[0] is an absolute path
  std::string cwd;
};

// From posix_spawn (a vfork, whatever the size of this process) until the program has been reaped; its streams are
// /dev/null. An error if it cannot be started or does not exit with 0.
absl::StatusOr<std::chrono::nanoseconds> TimeOnce(const Command& command);

// Runs `command` once, and gives what it wrote to stderr with the error if it failed. For trying things out before
// measuring them.
absl::Status TryOut(const Command& command);

// The largest resident set, in bytes, of the process that `command` starts: the launcher alone, without its children
// (VmHWM of /proc/PID/status; the ru_maxrss of a spawned child would count this process, too). The command inside has
// to live for `life`; it is looked at half-way.
absl::StatusOr<uint64_t> PeakResident(const Command& command, std::chrono::milliseconds life);

// Completed runs a second when `workers` threads start `command` one after another for `duration`.
absl::StatusOr<double> RunsPerSecond(const Command& command, int workers, std::chrono::milliseconds duration);

}  // namespace paddock::bench

#endif  // PADDOCK_BENCH_LAUNCHERS_SPAWN_H_
