#include "backends/wsl2/launch_sandbox.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/wsl2/far_report.h"
#include "backends/wsl2/launch_streams.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/console_input.h"
#include "core/platform/windows/output_copy.h"
#include "core/platform/windows/wide.h"

namespace paddock::wsl2 {
namespace {

constexpr int kInterrupt = 2;
constexpr int kInsistent = 3;  // interrupts after which it is not asked but ended
// What the far side, and the reader of the output, get beyond the wall-clock limit; then the output is given up, so
// that the report comes, and at the second time the run.
constexpr int64_t kGraceMs = 15'000;
constexpr DWORD kSecondGraceMs = 5'000;

// Input under the relay's credit.
class CreditedInput {
 public:
  explicit CreditedInput(WslChannel& channel) : channel_(channel) {}

  absl::Status Write(absl::string_view bytes) {
    const std::lock_guard<std::mutex> one_writer(writers_);
    while (!bytes.empty()) {
      size_t size = 0;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        room_.wait(lock, [this] { return ended_ || closed_ || window_.room() > 0; });
        if (ended_ || closed_) return absl::FailedPreconditionError("the command's input has been closed");
        size = std::min({bytes.size(), size_t{window_.room()}, kMaxFrameBytes});
        RETURN_IF_ERROR(window_.Send(size));
      }
      ASSIGN_OR_RETURN(const std::string frame, EncodeFrame(FrameType::kInput, bytes.substr(0, size)));
      RETURN_IF_ERROR(channel_.Write(frame));
      bytes.remove_prefix(size);
    }
    return absl::OkStatus();
  }

  absl::Status Close() {
    const std::lock_guard<std::mutex> one_writer(writers_);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (ended_ || closed_) return absl::FailedPreconditionError("the command's input has been closed");
      closed_ = true;
    }
    ASSIGN_OR_RETURN(const std::string frame, EncodeFrame(FrameType::kCloseInput, ""));
    return channel_.Write(frame);
  }

  absl::Status Credit(uint32_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::Status status = window_.Credit(bytes);
    room_.notify_all();
    return status;
  }

  // Ends a Write that waits, now and from now on.
  void End() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    room_.notify_all();
  }

 private:
  WslChannel& channel_;
  std::mutex writers_;
  std::mutex mutex_;
  std::condition_variable room_;
  InputWindow window_;
  bool closed_ = false, ended_ = false;
};

class Wsl2Sandbox : public Sandbox {
 public:
  Wsl2Sandbox(StartedRun run, EventSink& sink);
  ~Wsl2Sandbox() override;

  RunResult Wait() override;
  intptr_t wait_handle() const override { return reinterpret_cast<intptr_t>(process_); }
  absl::Status Write(absl::string_view bytes) override { return input_.Write(bytes); }
  absl::Status CloseInput() override { return input_.Close(); }
  absl::Status Resize(uint16_t columns, uint16_t rows) override;
  absl::Status Signal(int signal) override;

 private:
  static void CALLBACK OnInterrupt(void* sandbox, BOOLEAN);
  static void CALLBACK OnOverdue(void* sandbox, BOOLEAN);

  void StartCallbacks();
  void StopCallbacks();
  void GiveUpOutput();
  void StartInput();
  void SendWindowSize();
  absl::Status Send(FrameType type, absl::string_view payload);
  absl::Status Handle(const Frame& frame);
  void Deliver(StreamId stream, OutputCopy& copy, absl::string_view bytes);
  void LookForProtectedNames();
  void Lose(absl::string_view code, absl::string_view detail);

  StartedRun run_;
  EventSink& sink_;
  const HANDLE process_;
  CreditedInput input_;
  OutputCopy out_, err_;
  HANDLE interrupt_wait_ = nullptr, overdue_ = nullptr;
  std::atomic<int> interrupts_{0};
  std::atomic<bool> insisted_{false}, overdue_seen_{false};
  std::unique_ptr<InputPump> pump_;
  std::optional<RunResult> result_;
};

Wsl2Sandbox::Wsl2Sandbox(StartedRun run, EventSink& sink)
    : run_(std::move(run)),
      sink_(sink),
      process_(run_.session.channel().process()),
      input_(run_.session.channel()),
      out_(SourceOf(run_.stdio.out, STD_OUTPUT_HANDLE)),
      err_(SourceOf(run_.stdio.err, STD_ERROR_HANDLE)) {}

Wsl2Sandbox::~Wsl2Sandbox() {
  input_.End();
  run_.session.channel().End();
  StopCallbacks();
  pump_.reset();
}

void Wsl2Sandbox::StartCallbacks() {
  if (run_.stdio.signals != -1) {
    RegisterWaitForSingleObject(&interrupt_wait_, reinterpret_cast<HANDLE>(run_.stdio.signals), &OnInterrupt, this,
                                INFINITE, WT_EXECUTELONGFUNCTION);
  }
  // On a thread of its own, so that a sink that blocks does not hold it up.
  const auto& wall = run_.plan->run.policy.limits.wall;
  if (wall.has_value()) {
    constexpr int64_t kMost = 0x7FFFFFFF;
    CreateTimerQueueTimer(&overdue_, nullptr, &OnOverdue, this,
                          static_cast<DWORD>(std::min(wall->count() + kGraceMs, kMost)), kSecondGraceMs, 0);
  }
}

void Wsl2Sandbox::StopCallbacks() {
  // INVALID_HANDLE_VALUE: wait until a callback that runs has ended.
  if (overdue_ != nullptr) DeleteTimerQueueTimer(nullptr, std::exchange(overdue_, nullptr), INVALID_HANDLE_VALUE);
  if (interrupt_wait_ != nullptr) UnregisterWaitEx(std::exchange(interrupt_wait_, nullptr), INVALID_HANDLE_VALUE);
}

void CALLBACK Wsl2Sandbox::OnInterrupt(void* sandbox, BOOLEAN) {
  auto* const self = static_cast<Wsl2Sandbox*>(sandbox);
  ResetEvent(reinterpret_cast<HANDLE>(self->run_.stdio.signals));
  if (++self->interrupts_ < kInsistent) {
    (void)self->Signal(kInterrupt);
    return;
  }
  self->insisted_ = true;
  self->run_.session.channel().End();
  self->GiveUpOutput();
}

void CALLBACK Wsl2Sandbox::OnOverdue(void* sandbox, BOOLEAN) {
  auto* const self = static_cast<Wsl2Sandbox*>(sandbox);
  self->GiveUpOutput();
  if (!self->overdue_seen_.exchange(true)) return;
  self->run_.session.channel().End();
}

void Wsl2Sandbox::GiveUpOutput() {
  out_.GiveUp();
  err_.GiveUp();
}

absl::Status Wsl2Sandbox::Send(FrameType type, absl::string_view payload) {
  ASSIGN_OR_RETURN(const std::string frame, EncodeFrame(type, payload));
  return run_.session.channel().Write(frame);
}

absl::Status Wsl2Sandbox::Resize(uint16_t columns, uint16_t rows) {
  if (!run_.stdio.tty) return absl::FailedPreconditionError("the sandbox has no terminal");
  return Send(FrameType::kResize, ResizePayload({columns, rows}));
}

absl::Status Wsl2Sandbox::Signal(int signal) {
  constexpr int kMost = 64;
  if (signal <= 0 || signal > kMost) return absl::InvalidArgumentError(absl::StrCat(signal, " is no signal"));
  return Send(FrameType::kSignal, SignalPayload(static_cast<uint8_t>(signal)));
}

void Wsl2Sandbox::SendWindowSize() {
  const auto size = ConsoleWindowSize(SourceOf(run_.stdio.out, STD_OUTPUT_HANDLE));
  if (size.has_value()) (void)Resize(size->columns, size->rows);
}

void Wsl2Sandbox::StartInput() {
  const HANDLE from = SourceOf(run_.stdio.in, STD_INPUT_HANDLE);
  if (from == INVALID_HANDLE_VALUE) return;
  InputEvents events = {[this](absl::string_view bytes) { return input_.Write(bytes); },
                        [this] { (void)input_.Close(); }, [this] { SendWindowSize(); }};
  pump_ = std::make_unique<InputPump>(from, run_.stdio.tty, std::move(events));
}

void Wsl2Sandbox::Deliver(StreamId stream, OutputCopy& copy, absl::string_view bytes) {
  if (copy.valid()) {
    copy.Write(bytes);
  } else {
    sink_.OnEvent(OutputEvent{stream, bytes});
  }
}

absl::Status Wsl2Sandbox::Handle(const Frame& frame) {
  switch (frame.type) {
    case FrameType::kStarted: {
      ASSIGN_OR_RETURN(const int64_t id, ParseStarted(frame.payload));
      sink_.OnEvent(StartedEvent{id});
      StartInput();
      return absl::OkStatus();
    }
    case FrameType::kStdout:
      Deliver(StreamId::kStdout, out_, frame.payload);
      return absl::OkStatus();
    case FrameType::kStderr:
      Deliver(StreamId::kStderr, err_, frame.payload);
      return absl::OkStatus();
    case FrameType::kViolation: {
      ASSIGN_OR_RETURN(const Violation violation, ParseViolation(frame.payload));
      sink_.OnEvent(ViolationEvent{violation});
      return absl::OkStatus();
    }
    case FrameType::kNotice: {
      ASSIGN_OR_RETURN(const std::string text, ParseNotice(frame.payload));
      sink_.OnEvent(NoticeEvent{text});
      return absl::OkStatus();
    }
    case FrameType::kCredit:
      return input_.Credit(ParseCredit(frame.payload));
    case FrameType::kExited: {
      ASSIGN_OR_RETURN(result_, ResultOf(frame.payload, *run_.plan));
      return absl::OkStatus();
    }
    default:
      return ReasonError(absl::StatusCode::kInvalidArgument, "relay_protocol",
                         absl::StrCat("the relay sent a second ", Name(frame.type)));
  }
}

void Wsl2Sandbox::Lose(absl::string_view code, absl::string_view detail) {
  result_.emplace();
  Outcome& outcome = result_->outcome;
  outcome.kind = insisted_ ? ExitKind::kSignalled : overdue_seen_ ? ExitKind::kWallLimit : ExitKind::kFailed;
  if (insisted_) outcome.signal = kInterrupt;
  if (outcome.kind == ExitKind::kFailed) outcome.reason = MakeReason(code, detail);
}

// What the far side looks for by one spelling, Windows finds by all.
void Wsl2Sandbox::LookForProtectedNames() {
  for (const auto& [path, rule] : run_.plan->absent) {
    const auto& known = result_->violations;
    const bool told = std::any_of(known.begin(), known.end(),
                                  [&path = path](const Violation& v) { return absl::EqualsIgnoreCase(v.path, path); });
    if (told || GetFileAttributesW(ToWide(path).c_str()) == INVALID_FILE_ATTRIBUTES) continue;
    result_->violations.push_back(
        {false, absl::StrCat("protected path was created, perhaps in another spelling: ", path), rule, path});
    sink_.OnEvent(ViolationEvent{result_->violations.back()});
  }
}

RunResult Wsl2Sandbox::Wait() {
  StartCallbacks();
  absl::Status status;
  for (const Frame& frame : std::exchange(run_.frames, {})) {
    if (status.ok()) status = Handle(frame);
  }
  while (status.ok() && !result_.has_value()) {
    const auto frame = run_.session.Next();
    if (!frame.ok()) {
      status = frame.status();
    } else if (!frame->has_value()) {
      Lose("wsl_run_lost",
           absl::StrCat("the relay in '", run_.plan->distribution, "' ended without a report. ", run_.session.Said()));
    } else {
      status = Handle(**frame);
    }
  }
  input_.End();
  // The far side has nothing left by now; what comes after a report, or instead of a frame, is of no interest.
  run_.session.channel().End();
  // The clock runs on: nobody has to read what is left.
  out_.Flush();
  err_.Flush();
  StopCallbacks();
  pump_.reset();
  if (!status.ok()) {
    const Reason reason = ReasonOf(status).value_or(MakeReason("relay_protocol", status.message()));
    Lose(reason.code, reason.detail);
  }
  LookForProtectedNames();
  for (const std::string& notice : result_->notices) sink_.OnEvent(NoticeEvent{notice});
  sink_.OnEvent(ExitedEvent{result_->outcome});
  return *std::move(result_);
}

}  // namespace

std::unique_ptr<Sandbox> MakeWsl2Sandbox(StartedRun run, EventSink& sink) {
  return std::make_unique<Wsl2Sandbox>(std::move(run), sink);
}

}  // namespace paddock::wsl2
