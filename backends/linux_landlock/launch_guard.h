#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_GUARD_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_GUARD_H_

#include <termios.h>

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/run_cgroup.h"
#include "core/platform/posix/run_directory.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {

// What a guard undoes. Each may be null, and must outlive the guard.
struct Guarded {
  WorkspaceLease* lease = nullptr;
  RunCgroup* cgroup = nullptr;
  RunDirectory* directory = nullptr;
  int home_lock = -1;  // kept open until the tree has ended: the next run is not to get the layer of the home before
};

// A process that outlives a launcher killed by SIGKILL, for what the kernel does not undo by itself: the placeholders
// of a lease, the run's cgroup and directory, and a terminal left in raw mode.
//
// It shares the launcher's memory (clone with CLONE_VM, 20 µs instead of a fork's price), sleeps on the launcher's
// pidfd, and makes nothing but system calls: the launcher may have died inside malloc.
class LaunchGuard {
 public:
  // `terminal` is a terminal whose present settings are put back, or -1.
  static absl::StatusOr<std::unique_ptr<LaunchGuard>> Start(const Guarded& guarded, int terminal, int launcher_pidfd);

  // A descriptor for pid 1 to hold: while it is open somewhere, the guard waits.
  int lifeline() const { return dismissed_write_.get(); }

  // Tells the guard which process is pid 1: nothing is undone before it has ended, and its whole tree with it.
  void Watch(int init_pid) { init_pid_ = init_pid; }

  // It puts a terminal back, so that it has to stay until whoever made that raw has undone it.
  bool holds_terminal() const { return terminal_.valid(); }

  // The lease was released. Unless there is something else to undo, the guard ends by itself from here on.
  void LeaseReleased();

  // The launcher has cleaned up by itself: dismisses the guard and reaps it.
  ~LaunchGuard();

  LaunchGuard(const LaunchGuard&) = delete;
  LaunchGuard& operator=(const LaunchGuard&) = delete;

 private:
  LaunchGuard() = default;
  static int Main(void* self);
  void Dismiss();

  Guarded guarded_;
  UniqueFd terminal_, launcher_, dismissed_read_, dismissed_write_;
  termios settings_ = {};
  void* stack_ = nullptr;
  std::vector<int> keep_;  // what the guard's process leaves open
  int pid_ = -1;
  bool dismissed_ = false;
  std::atomic<int> init_pid_ = -1;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_GUARD_H_
