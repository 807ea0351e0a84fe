#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SANDBOX_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SANDBOX_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backends/linux_landlock/launch_bubblewrap.h"
#include "backends/linux_landlock/launch_child.h"
#include "backends/linux_landlock/launch_guard.h"
#include "backends/linux_landlock/launch_repositories.h"
#include "backends/linux_landlock/launch_stdio.h"
#include "backends/linux_landlock/launch_watch.h"
#include "core/backend/launcher.h"
#include "core/platform/posix/home_layer.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/run_cgroup.h"
#include "core/platform/posix/run_directory.h"

namespace paddock {

// What a launch has opened and made so far, in the order in which it is undone (last member first).
struct LaunchState {
  std::shared_ptr<const LinuxPlan> plan;
  std::unique_ptr<WorkspaceLease> lease;
  std::unique_ptr<HomeLayer> home_layer;
  std::optional<Reason> home_lost;  // why what is written below the home is thrown away, although it was to be kept
  std::unique_ptr<RunCgroup> cgroup;
  std::unique_ptr<RunDirectory> directory;
  std::unique_ptr<LaunchGuard> guard;
  std::unique_ptr<Watch> watch;
  Streams streams;
  UniqueFd status;
  UniqueFd init_pidfd;  // the launcher's child: the sandbox's first process, or bwrap, which starts that
  pid_t init_pid = -1;
  UniqueFd inner_pidfd;    // tier bubblewrap: the sandbox's first process, from when that has told
  ino_t child_status = 0;  // the other end of `status`
  std::unique_ptr<PreparedBubblewrap> bubblewrap;
  intptr_t signals = -1;  // not owned
  int size_source = -1;   // not owned: the caller's terminal
  std::optional<StatusMessage> started, setup_failure;
  std::optional<int> exec_error;   // errno: there was nothing to run
  std::optional<int> interrupted;  // the signal that ended the launch before the command had started
  std::vector<int> early_signals;  // those that the command is to get once it has
  std::chrono::steady_clock::time_point start;
};

// A running sandbox: the launcher's side of pid 1. See core/backend/launcher.h for the contract.
class LinuxSandbox : public Sandbox {
 public:
  LinuxSandbox(std::unique_ptr<LaunchState> state, EventSink& sink) : state_(std::move(state)), sink_(sink) {}
  ~LinuxSandbox() override;

  RunResult Wait() override;
  intptr_t wait_handle() const override { return state_->init_pidfd.get(); }
  absl::Status Write(absl::string_view bytes) override;
  absl::Status CloseInput() override;
  absl::Status Resize(uint16_t columns, uint16_t rows) override;
  absl::Status Signal(int signal) override;

 private:
  void Loop();
  void HandleSignals();
  void ForwardSignal(int signal);
  void HandleTimer();
  void HandleStatus();
  // Looks at the workspace and takes the placeholders away, once: when the tree has ended, or pid 1 says that it is the
  // last of it.
  void SettleWorkspace();
  void FindRepositories();
  void StepOutputs(bool ended);
  void EndOutput();
  void End(ExitKind limit);
  // Ends the tree at once, by whatever this tier has for it.
  void KillTree();
  void EndSetUp();
  // Any thread.
  absl::Status SendSignal(int signal);
  void Reap();
  void EndInner();
  // What the run's cgroup tells of its limits; then it is removed.
  void LeaveCgroup();
  Outcome Conclude() const;
  std::vector<std::string> Applied() const;

  std::unique_ptr<LaunchState> state_;
  EventSink& sink_;
  std::mutex input_mutex_;
  UniqueFd timer_;
  std::optional<ExitKind> limit_;        // what ended the run, if a limit did
  std::atomic<bool> forwarded_ = false;  // a signal of the caller's
  bool terminated_ = false;              // the grace after the wall limit has begun
  std::optional<StatusMessage> ended_;
  std::optional<RunResult> settled_;  // what SettleWorkspace() saw
  uint64_t output_ = 0;
  bool reaped_ = false, status_over_ = false;
  bool memory_exceeded_ = false, processes_exceeded_ = false;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SANDBOX_H_
