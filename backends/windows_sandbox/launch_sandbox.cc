#include "backends/windows_sandbox/launch_sandbox.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/output_copy.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

constexpr int kInterrupt = 2;

DWORD Ms(std::chrono::milliseconds time) {
  return static_cast<DWORD>(std::clamp<int64_t>(time.count(), 0, INFINITE - 1));
}

// Where one output of the command goes; none: into the sink, or nowhere.
HANDLE TargetOf(const StreamSpec& spec, DWORD standard) {
  const HANDLE target = spec.kind == StreamSpec::Kind::kInherit  ? GetStdHandle(standard)
                        : spec.kind == StreamSpec::Kind::kHandle ? reinterpret_cast<HANDLE>(spec.handle)
                                                                 : nullptr;
  return target == nullptr ? INVALID_HANDLE_VALUE : target;
}

class MachineSandbox : public Sandbox {
 public:
  MachineSandbox(MachineParts parts, EventSink& sink);
  ~MachineSandbox() override;

  absl::Status Boot();
  RunResult Wait() override;
  intptr_t wait_handle() const override { return reinterpret_cast<intptr_t>(ended_.get()); }
  absl::Status Write(absl::string_view) override { return NoWayIn(); }
  absl::Status CloseInput() override { return NoWayIn(); }
  absl::Status Resize(uint16_t, uint16_t) override { return NoWayIn(); }
  absl::Status Signal(int signal) override;

 private:
  static absl::Status NoWayIn() {
    return absl::UnimplementedError("a Windows Sandbox machine answers through a mailbox, which has no way in");
  }
  static void CALLBACK OnBeat(void* sandbox, BOOLEAN);
  static void CALLBACK OnWallLimit(void* sandbox, BOOLEAN);
  static void CALLBACK OnInterrupt(void* sandbox, BOOLEAN);

  enum class News : uint8_t { kMail, kGone, kStopped, kSilence };
  News WaitForNews(std::chrono::milliseconds patience);
  absl::StatusOr<std::optional<Mail>> NextMail();

  void End(ExitKind cause, int signal);
  void EndNow(ExitKind cause, int signal);
  void Relay();
  void Handle(const Mail& mail);
  void Deliver(StreamId stream, absl::string_view bytes);
  void StartClock();
  void StopCallbacks();
  void EndMachine();
  void Fail(absl::string_view code, absl::string_view detail);
  void SetOutcome();

  MachineParts parts_;
  EventSink& sink_;
  MailboxReader reader_;
  OutputCopy out_, err_;
  UniqueHandle stop_, ended_;
  HANDLE beat_ = nullptr, wall_ = nullptr, interrupt_wait_ = nullptr;
  std::atomic<int> cause_{-1};  // an ExitKind, or -1
  std::atomic<int> signal_{0};
  bool booted_ = false, started_ = false, gone_ = false, ended_machine_ = false;
  std::optional<GuestResult> told_;
  std::optional<Reason> failure_;
  RunResult result_;
};

MachineSandbox::MachineSandbox(MachineParts parts, EventSink& sink)
    : parts_(std::move(parts)),
      sink_(sink),
      reader_(parts_.folder->nonce(), *parts_.mail),
      out_(TargetOf(parts_.stdio.out, STD_OUTPUT_HANDLE)),
      err_(TargetOf(parts_.stdio.err, STD_ERROR_HANDLE)),
      stop_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
      ended_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}

MachineSandbox::~MachineSandbox() {
  EndMachine();
  parts_.mail.reset();
  parts_.folder.reset();
}

// On threads of their own, so that a sink that blocks does not hold them up.
void CALLBACK MachineSandbox::OnBeat(void* sandbox, BOOLEAN) {
  static_cast<MachineSandbox*>(sandbox)->parts_.folder->Beat();
}

void CALLBACK MachineSandbox::OnWallLimit(void* sandbox, BOOLEAN) {
  auto* const self = static_cast<MachineSandbox*>(sandbox);
  self->EndNow(ExitKind::kWallLimit, 0);
  self->parts_.machine->Kill();
}

void CALLBACK MachineSandbox::OnInterrupt(void* sandbox, BOOLEAN) {
  static_cast<MachineSandbox*>(sandbox)->EndNow(ExitKind::kSignalled, kInterrupt);
}

// The first cause counts.
void MachineSandbox::End(ExitKind cause, int signal) {
  int none = -1;
  if (cause_.compare_exchange_strong(none, static_cast<int>(cause))) signal_ = signal;
  parts_.folder->Tell(GuestCommand::kEnd);
  SetEvent(stop_.get());
}

// Nor does it wait for who does not read.
void MachineSandbox::EndNow(ExitKind cause, int signal) {
  End(cause, signal);
  out_.GiveUp();
  err_.GiveUp();
}

absl::Status MachineSandbox::Signal(int signal) {
  if (signal <= 0) return absl::InvalidArgumentError(absl::StrCat(signal, " is no signal"));
  EndNow(ExitKind::kSignalled, signal);
  return absl::OkStatus();
}

void MachineSandbox::StopCallbacks() {
  // INVALID_HANDLE_VALUE: wait until a callback that runs has ended.
  for (HANDLE* const timer : {&beat_, &wall_}) {
    if (*timer != nullptr) DeleteTimerQueueTimer(nullptr, std::exchange(*timer, nullptr), INVALID_HANDLE_VALUE);
  }
  if (interrupt_wait_ != nullptr) UnregisterWaitEx(std::exchange(interrupt_wait_, nullptr), INVALID_HANDLE_VALUE);
}

// A change of the folder, or the end of what is waited for. The event of a change need not come for what the machine
// writes; so `patience`, which is no longer than a beat, ends in a look as well.
MachineSandbox::News MachineSandbox::WaitForNews(std::chrono::milliseconds patience) {
  const HANDLE process = parts_.machine->process();
  const HANDLE all[] = {stop_.get(), parts_.mail->changed(), process};
  const DWORD got = WaitForMultipleObjects(process == nullptr ? 2 : 3, all, FALSE, Ms(patience));
  if (got == WAIT_OBJECT_0) return News::kStopped;
  if (got == WAIT_OBJECT_0 + 1) return News::kMail;
  return got == WAIT_OBJECT_0 + 2 ? News::kGone : News::kSilence;
}

absl::StatusOr<std::optional<Mail>> MachineSandbox::NextMail() {
  parts_.mail->WatchAgain();
  return reader_.Next();
}

absl::Status MachineSandbox::Boot() {
  if (!stop_.valid() || !ended_.valid()) return Win32Status(GetLastError(), "CreateEvent");
  if (!CreateTimerQueueTimer(&beat_, nullptr, &OnBeat, this, 0, Ms(kBeatInterval), WT_EXECUTEDEFAULT)) {
    return Win32Status(GetLastError(), "setting the timer of the control file");
  }
  if (parts_.stdio.signals != -1 &&
      !RegisterWaitForSingleObject(&interrupt_wait_, reinterpret_cast<HANDLE>(parts_.stdio.signals), &OnInterrupt, this,
                                   INFINITE, WT_EXECUTEONLYONCE)) {
    return Win32Status(GetLastError(), "waiting for an interrupt");
  }
  const uint64_t deadline = GetTickCount64() + static_cast<uint64_t>(parts_.options.boot.count());
  while (cause_ == -1) {
    ASSIGN_OR_RETURN(const std::optional<Mail> mail, NextMail());
    if (mail.has_value() && mail->kind == MailKind::kReady) break;
    const uint64_t now = GetTickCount64();
    if (now >= deadline) return absl::DeadlineExceededError("the guest program did not report in time");
    const auto left = std::chrono::milliseconds(static_cast<int64_t>(deadline - now));
    // The starter may end long before the machine is there; with an error, none will be.
    if (WaitForNews(std::min<std::chrono::milliseconds>(left, kBeatInterval)) != News::kGone) continue;
    DWORD code = 0;
    if (GetExitCodeProcess(parts_.machine->process(), &code) && code != 0) {
      return absl::UnavailableError(absl::StrCat(std::string(parts_.machine->started_by()), " ended with ", code));
    }
    parts_.machine->ForgetStarter();
  }
  parts_.machine->FindWindowProcess();
  booted_ = cause_ == -1;
  return absl::OkStatus();
}

void MachineSandbox::StartClock() {
  if (!parts_.limits.wall.has_value()) return;
  CreateTimerQueueTimer(&wall_, nullptr, &OnWallLimit, this, Ms(*parts_.limits.wall + parts_.options.wall_grace), 0,
                        WT_EXECUTEONLYONCE);
}

void MachineSandbox::Deliver(StreamId stream, absl::string_view bytes) {
  result_.usage.output += bytes.size();
  const StreamSpec& spec = stream == StreamId::kStdout ? parts_.stdio.out : parts_.stdio.err;
  OutputCopy& copy = stream == StreamId::kStdout ? out_ : err_;
  if (spec.kind == StreamSpec::Kind::kPipe) {
    sink_.OnEvent(OutputEvent{stream, bytes});
  } else if (copy.valid()) {
    copy.Write(bytes);
  }
  if (parts_.limits.output.has_value() && result_.usage.output > *parts_.limits.output) {
    End(ExitKind::kOutputLimit, 0);
  }
}

void MachineSandbox::Handle(const Mail& mail) {
  switch (mail.kind) {
    case MailKind::kStarted:
      started_ = true;
      StartClock();
      sink_.OnEvent(StartedEvent{static_cast<int64_t>(*ParseStarted(mail.payload))});
      break;
    case MailKind::kOut:
      Deliver(StreamId::kStdout, mail.payload);
      break;
    case MailKind::kErr:
      Deliver(StreamId::kStderr, mail.payload);
      break;
    case MailKind::kResult:
      told_ = *ParseResult(mail.payload);
      if (told_->end == GuestEnd::kExited && !started_) {
        Fail("mailbox_invalid", "a result of a command that had not started");
      }
      break;
    case MailKind::kReady:
    case MailKind::kAlive:
      break;
  }
}

void MachineSandbox::Fail(absl::string_view code, absl::string_view detail) {
  if (!failure_.has_value()) failure_ = MakeReason(code, detail);
}

// Takes the mail until there is a result, or until nothing more can come.
void MachineSandbox::Relay() {
  uint64_t heard = GetTickCount64();
  bool last_look = false;
  while (cause_ == -1 && !told_.has_value() && !failure_.has_value()) {
    const auto mail = NextMail();
    if (!mail.ok()) {
      Fail("mailbox_invalid", mail.status().message());
      return;
    }
    if (mail->has_value()) {
      Handle(**mail);
      heard = GetTickCount64();
      continue;
    }
    if (last_look) return Fail("machine_gone", "the machine ended before the command did");
    if (GetTickCount64() - heard > static_cast<uint64_t>(parts_.options.silence.count())) {
      return Fail("machine_gone", "the guest program fell silent");
    }
    gone_ = last_look =
        WaitForNews(std::min<std::chrono::milliseconds>(kBeatInterval, parts_.options.silence)) == News::kGone;
  }
}

// The guest program ends its machine by itself when it is told to; who does not is ended from outside.
void MachineSandbox::EndMachine() {
  if (std::exchange(ended_machine_, true)) return;
  parts_.folder->Tell(GuestCommand::kEnd);
  const bool ends_itself = booted_ && !failure_.has_value();
  const bool over = gone_ || (ends_itself && parts_.machine->WaitForEnd(parts_.options.shutdown));
  StopCallbacks();
  if (!over) {
    parts_.machine->Kill();
    if (!parts_.machine->WaitForEnd(parts_.options.shutdown)) {
      result_.notices.push_back(
          "the Windows Sandbox machine is not known to have ended: close its window if there is one");
    }
  }
  SetEvent(ended_.get());
}

void MachineSandbox::SetOutcome() {
  Outcome& outcome = result_.outcome;
  if (cause_ != -1) {
    outcome.kind = static_cast<ExitKind>(cause_.load());
    outcome.signal = outcome.kind == ExitKind::kSignalled ? signal_.load() : 0;
    return;
  }
  if (failure_.has_value()) {
    outcome = {ExitKind::kFailed, 0, 0, *failure_};
    return;
  }
  result_.usage.user_cpu = std::chrono::milliseconds(told_->user_ms);
  result_.usage.system_cpu = std::chrono::milliseconds(told_->system_ms);
  result_.usage.wall = std::chrono::milliseconds(told_->wall_ms);
  result_.usage.max_resident = told_->max_resident;
  switch (told_->end) {
    case GuestEnd::kExited:
      outcome = {ExitKind::kExited, static_cast<int>(told_->code), 0, {}};
      // The system ends a job at this limit by itself, and says so to nobody.
      if (parts_.limits.cpu.has_value() && result_.usage.user_cpu >= *parts_.limits.cpu) {
        outcome = {ExitKind::kCpuLimit, 0, 0, {}};
      }
      break;
    case GuestEnd::kNotFound:
      outcome = {ExitKind::kNotFound, 0, 0, MakeReason("command_not_found", told_->message)};
      break;
    case GuestEnd::kNotExecutable:
      outcome = {ExitKind::kNotExecutable, 0, 0, MakeReason("command_not_executable", told_->message)};
      break;
    case GuestEnd::kWallLimit:
      outcome = {ExitKind::kWallLimit, 0, 0, {}};
      break;
    case GuestEnd::kOutputLimit:
      outcome = {ExitKind::kOutputLimit, 0, 0, {}};
      break;
    case GuestEnd::kFailed:
      outcome = {ExitKind::kFailed, 0, 0, MakeReason("launch_failed", told_->message)};
      break;
  }
}

RunResult MachineSandbox::Wait() {
  if (cause_ == -1) parts_.folder->Tell(GuestCommand::kRun);
  Relay();
  // The clock and the interrupt are still heard: nobody has to read what is left.
  out_.Flush();
  err_.Flush();
  EndMachine();
  SetOutcome();
  for (Violation& violation : parts_.names->Changed()) {
    sink_.OnEvent(ViolationEvent{violation});
    result_.violations.push_back(std::move(violation));
  }
  result_.applied = {"a Windows Sandbox machine", "mailbox with a nonce"};
  parts_.mail.reset();
  parts_.folder->Remove(&result_.notices);
  for (const std::string& notice : result_.notices) sink_.OnEvent(NoticeEvent{notice});
  sink_.OnEvent(ExitedEvent{result_.outcome});
  return std::move(result_);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sandbox>> BootSandbox(MachineParts parts, EventSink& sink) {
  const std::chrono::milliseconds boot = parts.options.boot;
  auto sandbox = std::make_unique<MachineSandbox>(std::move(parts), sink);
  const absl::Status booted = sandbox->Boot();
  if (booted.ok()) return sandbox;
  if (absl::IsInvalidArgument(booted) || absl::IsFailedPrecondition(booted) || absl::IsOutOfRange(booted)) {
    return ReasonError(absl::StatusCode::kUnavailable, "mailbox_invalid", booted.message());
  }
  return ReasonError(absl::StatusCode::kUnavailable, "machine_silent",
                     absl::StrCat(booted.message(), " (", boot.count() / 1000, " s were allowed)"));
}

}  // namespace paddock
