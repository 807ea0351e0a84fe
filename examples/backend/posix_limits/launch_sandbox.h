#ifndef PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCH_SANDBOX_H_
#define PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCH_SANDBOX_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "posix_limits/launch_stdio.h"
#include "posix_limits/plan.h"

namespace posix_limits {

// What Launch has started.
struct Started {
  std::shared_ptr<const Plan> plan;
  Streams streams;
  pid_t pid = -1;  // leads the process group, and is not reaped before the group was killed
  paddock::UniqueFd pidfd;
  int signals = -1;               // a signalfd, not owned
  std::optional<int> exec_error;  // errno: there was nothing to run
  std::vector<std::string> applied;
  std::chrono::steady_clock::time_point start;
};

// See core/backend/launcher.h for the contract.
class LimitsSandbox : public paddock::Sandbox {
 public:
  LimitsSandbox(Started started, paddock::EventSink& sink) : run_(std::move(started)), sink_(sink) {}
  ~LimitsSandbox() override;

  paddock::RunResult Wait() override;
  intptr_t wait_handle() const override { return run_.pidfd.get(); }
  absl::Status Write(absl::string_view bytes) override;
  absl::Status CloseInput() override;
  absl::Status Resize(uint16_t columns, uint16_t rows) override;
  absl::Status Signal(int signal) override;

 private:
  void Loop();
  void Forward();
  void Relays(bool ended);
  void End(paddock::ExitKind limit);
  int SignalGroup(int signal);
  // Kills the group and takes the leader's status and usage.
  int Reap(paddock::Usage& usage);
  paddock::Outcome Conclude(int status) const;

  Started run_;
  paddock::EventSink& sink_;
  std::mutex input_mutex_;
  std::mutex reap_mutex_;  // once the leader is reaped, its number may be somebody else's
  bool reaped_ = false;
  std::optional<paddock::ExitKind> limit_;  // what ended the run, if a limit of ours did
  uint64_t output_ = 0;
};

}  // namespace posix_limits

#endif  // PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCH_SANDBOX_H_
