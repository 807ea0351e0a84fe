#include "core/windows_launch/sandbox.h"

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/console_input.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/input.h"
#include "core/windows_launch/job.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

constexpr int kInterrupt = 2;

// One output of the command, read overlapped; completions arrive at the run's port.
class Output {
 public:
  Output(OutputEnd end, HANDLE port, ULONG_PTR key) : end_(std::move(end)) {
    if (end_.pipe.valid() && CreateIoCompletionPort(end_.pipe.get(), port, key, 0) == nullptr) end_.pipe.reset();
  }

  StreamId stream() const { return end_.stream; }
  HANDLE copy_to() const { return end_.copy_to; }
  bool open() const { return end_.pipe.valid(); }

  // Its completion arrives whether it succeeds now, later or not at all.
  void Read() {
    operation_ = {};
    if (!ReadFile(end_.pipe.get(), buffer_.data(), static_cast<DWORD>(buffer_.size()), nullptr, &operation_) &&
        GetLastError() != ERROR_IO_PENDING) {
      end_.pipe.reset();
    }
  }
  absl::string_view bytes(DWORD size) const { return {buffer_.data(), size}; }

  // Ends the read under way, which then completes with what it has.
  void Cancel() { CancelIoEx(end_.pipe.get(), &operation_); }
  bool HasMore() const {
    DWORD available = 0;
    return PeekNamedPipe(end_.pipe.get(), nullptr, 0, nullptr, &available, nullptr) && available > 0;
  }
  void Close() { end_.pipe.reset(); }

 private:
  OutputEnd end_;
  OVERLAPPED operation_ = {};
  std::array<char, 65536> buffer_;
};

class WindowsSandbox : public Sandbox {
 public:
  WindowsSandbox(RunParts parts, EventSink& sink);
  ~WindowsSandbox() override;

  absl::Status Start();
  RunResult Wait() override;
  intptr_t wait_handle() const override { return reinterpret_cast<intptr_t>(ended_.get()); }
  absl::Status Write(absl::string_view bytes) override { return input_->Write(bytes); }
  absl::Status CloseInput() override { return input_->Close(); }
  absl::Status Resize(uint16_t columns, uint16_t rows) override;
  absl::Status Signal(int signal) override;

 private:
  static void CALLBACK OnProcessEnd(void* sandbox, BOOLEAN);
  static void CALLBACK OnWallLimit(void* sandbox, BOOLEAN);
  static void CALLBACK OnInterrupt(void* sandbox, BOOLEAN);

  // The first cause counts.
  void End(ExitKind cause, int signal);
  void StopCallbacks();
  bool Step();
  void FollowWindow();
  void OnJobMessage(DWORD message);
  void OnOutput(Output& output, bool succeeded, DWORD size);
  void Deliver(const Output& output, absl::string_view bytes);
  void Drain();
  Outcome MakeOutcome() const;

  RunParts parts_;
  EventSink& sink_;
  std::shared_ptr<InputPipe> input_;
  std::unique_ptr<InputCopy> copy_;
  Output out_, err_;
  UniqueHandle ended_;  // the tree is gone
  HANDLE process_wait_ = nullptr, interrupt_wait_ = nullptr, wall_ = nullptr;
  std::atomic<int> cause_{-1};  // an ExitKind, or -1
  std::atomic<int> signal_{0};
  bool draining_ = false;
  std::mutex console_mutex_;
  bool console_ending_ = false;
  std::thread console_end_;
  ULONGLONG started_ms_ = 0;
  RunResult result_;
};

WindowsSandbox::WindowsSandbox(RunParts parts, EventSink& sink)
    : parts_(std::move(parts)),
      sink_(sink),
      input_(std::make_shared<InputPipe>(std::move(parts_.stdio.input))),
      out_(std::move(parts_.stdio.out), parts_.port.get(), kOutKey),
      err_(std::move(parts_.stdio.err), parts_.port.get(), kErrKey),
      ended_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}

// Everything that may call back is set up before the command runs its first instruction.
absl::Status WindowsSandbox::Start() {
  if (!RegisterWaitForSingleObject(&process_wait_, parts_.process.process.get(), &OnProcessEnd, this, INFINITE,
                                   WT_EXECUTEONLYONCE | WT_EXECUTELONGFUNCTION)) {
    return StepFailed("waiting for the command's end");
  }
  if (parts_.limits.wall.has_value() &&
      !CreateTimerQueueTimer(&wall_, nullptr, &OnWallLimit, this, static_cast<DWORD>(parts_.limits.wall->count()), 0,
                             WT_EXECUTEONLYONCE)) {
    return StepFailed("setting the timer of the wall-clock limit");
  }
  if (parts_.interrupt != -1 &&
      !RegisterWaitForSingleObject(&interrupt_wait_, reinterpret_cast<HANDLE>(parts_.interrupt), &OnInterrupt, this,
                                   INFINITE, WT_EXECUTEONLYONCE)) {
    return StepFailed("waiting for interrupts");
  }
  started_ms_ = GetTickCount64();
  if (ResumeThread(parts_.process.thread.get()) == static_cast<DWORD>(-1)) return StepFailed("ResumeThread");
  if (parts_.stdio.copy_from != INVALID_HANDLE_VALUE) {
    std::function<void()> resized;
    if (parts_.console != nullptr) resized = [this] { FollowWindow(); };
    copy_ = std::make_unique<InputCopy>(parts_.stdio.copy_from, input_, std::move(resized));
  }
  return absl::OkStatus();
}

void WindowsSandbox::StopCallbacks() {
  // INVALID_HANDLE_VALUE: wait until a callback that runs has ended.
  if (wall_ != nullptr) DeleteTimerQueueTimer(nullptr, std::exchange(wall_, nullptr), INVALID_HANDLE_VALUE);
  if (interrupt_wait_ != nullptr) UnregisterWaitEx(std::exchange(interrupt_wait_, nullptr), INVALID_HANDLE_VALUE);
  if (process_wait_ != nullptr) UnregisterWaitEx(std::exchange(process_wait_, nullptr), INVALID_HANDLE_VALUE);
}

WindowsSandbox::~WindowsSandbox() {
  TerminateJobObject(parts_.job.get(), 1);
  StopCallbacks();
  EndJob(parts_.job.get());
  input_->Abandon();
  copy_.reset();
  // A console that writes into a pipe which nobody reads would not end.
  out_.Close();
  err_.Close();
  if (console_end_.joinable()) console_end_.join();
}

void CALLBACK WindowsSandbox::OnProcessEnd(void* sandbox, BOOLEAN) {
  auto* const self = static_cast<WindowsSandbox*>(sandbox);
  EndJob(self->parts_.job.get());
  SetEvent(self->ended_.get());
  PostQueuedCompletionStatus(self->parts_.port.get(), 0, kEndedKey, nullptr);
}

// On threads of their own, so that a sink that blocks does not hold them up.
void CALLBACK WindowsSandbox::OnWallLimit(void* sandbox, BOOLEAN) {
  static_cast<WindowsSandbox*>(sandbox)->End(ExitKind::kWallLimit, 0);
}

void CALLBACK WindowsSandbox::OnInterrupt(void* sandbox, BOOLEAN) {
  static_cast<WindowsSandbox*>(sandbox)->End(ExitKind::kSignalled, kInterrupt);
}

void WindowsSandbox::End(ExitKind cause, int signal) {
  int none = -1;
  if (WaitForSingleObject(parts_.process.process.get(), 0) == WAIT_OBJECT_0) return;
  if (cause_.compare_exchange_strong(none, static_cast<int>(cause))) signal_ = signal;
  TerminateJobObject(parts_.job.get(), 1);
}

absl::Status WindowsSandbox::Resize(uint16_t columns, uint16_t rows) {
  if (parts_.console == nullptr) return absl::FailedPreconditionError("the sandbox has no terminal");
  const std::lock_guard<std::mutex> lock(console_mutex_);
  if (console_ending_) return absl::FailedPreconditionError("the command's terminal has been closed");
  return parts_.console->Resize(columns, rows);
}

// The user's console, whose output the pseudoconsole's goes to.
void WindowsSandbox::FollowWindow() {
  const auto size = ConsoleWindowSize(out_.copy_to());
  if (size.has_value()) Resize(size->columns, size->rows).IgnoreError();
}

absl::Status WindowsSandbox::Signal(int signal) {
  if (signal == kInterrupt && parts_.console != nullptr) return input_->Write("\x03");
  if (signal <= 0) return absl::InvalidArgumentError(absl::StrCat(signal, " is no signal"));
  End(ExitKind::kSignalled, signal);
  return absl::OkStatus();
}

void WindowsSandbox::Deliver(const Output& output, absl::string_view bytes) {
  result_.usage.output += bytes.size();
  const HANDLE copy_to = output.copy_to();
  if (copy_to == INVALID_HANDLE_VALUE || copy_to == nullptr) {
    sink_.OnEvent(OutputEvent{output.stream(), bytes});
  } else {
    DWORD written = 0;
    while (!bytes.empty() && WriteFile(copy_to, bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr)) {
      bytes.remove_prefix(written);
    }
  }
  if (parts_.limits.output.has_value() && result_.usage.output > *parts_.limits.output) {
    End(ExitKind::kOutputLimit, 0);
  }
}

// After the tree has ended there is only what lies in the pipe. Its end is not waited for: the command may have given
// its end of it to a process outside of the job.
void WindowsSandbox::OnOutput(Output& output, bool succeeded, DWORD size) {
  if (!output.open()) return;
  if (size > 0) Deliver(output, output.bytes(size));
  const bool at_end = !succeeded && GetLastError() != ERROR_OPERATION_ABORTED && GetLastError() != ERROR_MORE_DATA;
  const bool drained = draining_ && parts_.console == nullptr && !output.HasMore();
  if (at_end || drained) {
    output.Close();
  } else {
    output.Read();
  }
}

void WindowsSandbox::OnJobMessage(DWORD message) {
  const char* what = message == JOB_OBJECT_MSG_JOB_MEMORY_LIMIT       ? "memory was refused at the limit of the run"
                     : message == JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT ? "a process was refused at the limit of the run"
                                                                      : nullptr;
  if (what == nullptr) return;
  const char* rule = message == JOB_OBJECT_MSG_JOB_MEMORY_LIMIT ? "limits.memory" : "limits.processes";
  for (const Violation& known : result_.violations) {
    if (known.rule == rule) return;
  }
  result_.violations.push_back({true, what, rule});
  sink_.OnEvent(ViolationEvent{result_.violations.back()});
}

void WindowsSandbox::Drain() {
  draining_ = true;
  // Ending a console may wait for its output to be read, which is done here.
  if (parts_.console != nullptr) {
    const std::lock_guard<std::mutex> lock(console_mutex_);
    console_ending_ = true;
    console_end_ = std::thread([this] { parts_.console->Close(); });
  }
  for (Output* output : {&out_, &err_}) {
    if (output->open() && parts_.console == nullptr) output->Cancel();
  }
}

// False once there is nothing left to come.
bool WindowsSandbox::Step() {
  if (draining_ && !out_.open() && !err_.open()) return false;
  DWORD size = 0;
  ULONG_PTR key = 0;
  OVERLAPPED* operation = nullptr;
  const bool succeeded = GetQueuedCompletionStatus(parts_.port.get(), &size, &key, &operation, INFINITE);
  if (!succeeded && operation == nullptr) return false;
  if (key == kJobKey) OnJobMessage(size);
  if (key == kEndedKey) Drain();
  if (key == kOutKey) OnOutput(out_, succeeded, size);
  if (key == kErrKey) OnOutput(err_, succeeded, size);
  return true;
}

Outcome WindowsSandbox::MakeOutcome() const {
  Outcome outcome;
  if (cause_ != -1) {
    outcome.kind = static_cast<ExitKind>(cause_.load());
    outcome.signal = outcome.kind == ExitKind::kSignalled ? signal_.load() : 0;
    return outcome;
  }
  // The system ends a job at its limit by itself, and its message of that comes only to who asked to go on.
  if (parts_.limits.cpu.has_value() && result_.usage.user_cpu >= *parts_.limits.cpu) {
    outcome.kind = ExitKind::kCpuLimit;
    return outcome;
  }
  DWORD code = 0;
  GetExitCodeProcess(parts_.process.process.get(), &code);
  outcome.kind = ExitKind::kExited;
  outcome.code = static_cast<int>(code);
  return outcome;
}

RunResult WindowsSandbox::Wait() {
  sink_.OnEvent(StartedEvent{parts_.process.id});
  for (Output* output : {&out_, &err_}) {
    if (output->open()) output->Read();
  }
  while (Step()) {
  }
  StopCallbacks();
  input_->Abandon();
  copy_.reset();
  if (console_end_.joinable()) console_end_.join();
  const Usage used = UsageOfJob(parts_.job.get());
  result_.usage.user_cpu = used.user_cpu;
  result_.usage.system_cpu = used.system_cpu;
  result_.usage.max_resident = used.max_resident;
  result_.usage.wall = std::chrono::milliseconds(GetTickCount64() - started_ms_);
  result_.outcome = MakeOutcome();
  result_.applied = parts_.applied;
  result_.notices = parts_.notices;
  for (; !parts_.changes.empty(); parts_.changes.pop_back()) parts_.changes.back()->Undo(&result_);
  if (parts_.folders != nullptr) parts_.folders->Remove(&result_.notices);
  for (const std::string& notice : result_.notices) sink_.OnEvent(NoticeEvent{notice});
  sink_.OnEvent(ExitedEvent{result_.outcome});
  return std::move(result_);
}

// Nothing ran: there is an end, and nothing else.
class NothingRan : public Sandbox {
 public:
  NothingRan(Outcome outcome, EventSink& sink)
      : outcome_(std::move(outcome)), sink_(sink), ended_(CreateEventW(nullptr, TRUE, TRUE, nullptr)) {}

  RunResult Wait() override {
    RunResult result;
    result.outcome = outcome_;
    sink_.OnEvent(ExitedEvent{outcome_});
    return result;
  }
  intptr_t wait_handle() const override { return reinterpret_cast<intptr_t>(ended_.get()); }
  absl::Status Write(absl::string_view) override { return Gone(); }
  absl::Status CloseInput() override { return Gone(); }
  absl::Status Resize(uint16_t, uint16_t) override { return Gone(); }
  absl::Status Signal(int) override { return Gone(); }

 private:
  static absl::Status Gone() { return absl::FailedPreconditionError("the command was not started"); }

  const Outcome outcome_;
  EventSink& sink_;
  UniqueHandle ended_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sandbox>> StartSandbox(RunParts parts, EventSink& sink) {
  auto sandbox = std::make_unique<WindowsSandbox>(std::move(parts), sink);
  RETURN_IF_ERROR(sandbox->Start());
  return sandbox;
}

std::unique_ptr<Sandbox> EndedSandbox(Outcome outcome, EventSink& sink) {
  return std::make_unique<NothingRan>(std::move(outcome), sink);
}

}  // namespace paddock
