#ifndef PADDOCK_CORE_PLATFORM_POSIX_RUN_CGROUP_H_
#define PADDOCK_CORE_PLATFORM_POSIX_RUN_CGROUP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {

// A cgroup v2 directory of one run, which holds the sum over its processes to limits. Made and locked on construction,
// removed when the run has ended; what nobody was left to remove goes when the next one is made below the same parent.
class RunCgroup {
 public:
  struct Limits {
    std::optional<uint64_t> memory;     // bytes, swap included; beyond it the kernel ends every process of the cgroup
    std::optional<uint64_t> processes;  // processes and threads alive at once; beyond it fork fails with EAGAIN
  };

  // Below `parent` (CgroupFacts), where the controllers of the set limits are enabled unless they are; that stays,
  // since other runs may be using them. Fails with `setup_failed`.
  static absl::StatusOr<std::unique_ptr<RunCgroup>> Make(const std::string& parent, const Limits& limits);
  ~RunCgroup() { Remove(); }
  RunCgroup(const RunCgroup&) = delete;
  RunCgroup& operator=(const RunCgroup&) = delete;

  // For clone3 with CLONE_INTO_CGROUP.
  int descriptor() const { return directory_.get(); }

  // Whether a limit was met so far. Reads files, so it has to come before Remove().
  bool MemoryExceeded() const;
  bool ProcessesExceeded() const;

  // Ends every process in it (Linux 5.14; before, nothing happens). A system call or three.
  void Kill() const;

  // Waits two seconds at most for the last process to leave. Makes system calls only, for the guard's sake.
  void Remove();

 private:
  RunCgroup(std::string path, uint64_t processes)
      : path_(std::move(path)), events_path_(path_ + "/cgroup.events"), processes_(processes) {}
  absl::Status Apply(const std::string& parent, const Limits& limits) const;
  absl::Status Set(const char* file, uint64_t value) const;
  std::string Content(const char* file) const;

  std::string path_, events_path_;
  uint64_t processes_;
  UniqueFd directory_;
};

// Ends and removes the cgroups of dead runs below `parent`, and returns their paths, sorted. What a live launcher holds
// stays, and what holds a process still.
std::vector<std::string> CollectRunCgroups(const std::string& parent);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_RUN_CGROUP_H_
