#ifndef PADDOCK_BACKENDS_WSL2_LAUNCH_RELAY_PUMP_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCH_RELAY_PUMP_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/wsl2/frame.h"
#include "core/backend/launcher.h"
#include "core/platform/posix/unique_fd.h"

// The relay's copying: between the host's frames and the pipes of the command. One thread runs it; another one, which
// is inside Runtime::Run, tells it what happens.

namespace paddock::wsl2 {

class RelayPump {
 public:
  // `in` and `out` stay the caller's; `signals`: RelayOptions::signals.
  RelayPump(int in, int out, intptr_t signals);

  // ---- Before the run, on the caller's thread.

  // Writes to the host, waiting for it; an error if it is gone.
  absl::Status Send(absl::string_view bytes);
  // Waits for the kStart frame, and gives out its payload.
  absl::StatusOr<std::string> AwaitStart();
  // Makes the pipes that the command's streams are. `tty`: one for both outputs.
  absl::StatusOr<Stdio> Connect(bool in, bool out, bool err, bool tty);

  // ---- During the run.

  // Copies until the run has ended and everything has been delivered, or the host is gone: then the sandbox is ended.
  void Copy();

  // From the thread that is inside Run: kStarted, kViolation or kNotice; the SandboxObserver's; and once all is over,
  // the last frame, before which the host gets what the pipes still hold.
  void Tell(FrameType type, absl::string_view payload);
  void Observe(Sandbox* sandbox);
  void Ended(std::string exited);

  // After both: OK, or why the host was not told the end.
  const absl::Status& status() const { return status_; }

 private:
  struct Output {
    UniqueFd source;
    FrameType type;
    std::optional<size_t> left;  // once the run has ended: bytes that are still to come
  };

  void StepEvents();
  void StepHost();
  void StepInput();
  void StepOutput(Output* output);
  void StepDelivery();
  void EndOutputs();
  absl::Status TakeFrames(absl::string_view bytes);
  absl::Status TakeFrame(const Frame& frame);
  void TakeInput(absl::string_view bytes);
  void Queue(FrameType type, absl::string_view payload);
  void Credit(size_t bytes);
  void Wake();
  void HostIsGone(absl::Status why);

  const int in_, out_;
  const intptr_t signals_;
  UniqueFd wake_;
  std::vector<UniqueFd> command_ends_;  // of the pipes; open until the run has ended

  // The copying thread's, once there is one.
  FrameReader reader_{Direction::kHostToRelay};
  InputWindow window_;
  UniqueFd input_;  // the command's stdin; none: closed by the host, or never there
  std::string pending_;
  bool connected_ = false, close_input_ = false;
  std::vector<Output> outputs_;
  std::string queued_;  // for the host; sent up to `queued_at_`
  size_t queued_at_ = 0;
  std::unique_ptr<char[]> block_;  // of kMaxFrameBytes
  bool may_read_ = false;          // the command has started, or all is over: its output may be told
  bool finished_ = false;          // the last frame has been queued
  bool host_gone_ = false;
  absl::Status status_;

  std::mutex mutex_;  // guards all below
  std::string events_;
  bool started_ = false;
  std::optional<std::string> exited_;
  Sandbox* sandbox_ = nullptr;
  bool end_sandbox_ = false;
  std::optional<WindowCells> size_;
  std::vector<int> early_signals_;
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCH_RELAY_PUMP_H_
