#include "backends/windows_sandbox/launch_guest.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/launch_guest_child.h"
#include "backends/windows_sandbox/launch_guest_outbox.h"
#include "backends/windows_sandbox/mailbox.h"
#include "backends/windows_sandbox/order.h"
#include "core/platform/files.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"

namespace paddock {
namespace {

constexpr size_t kMostOrder = 1u << 20, kMostControl = 256;
constexpr DWORD kLookMs = 250;  // at the control file, which no event tells of in a mapped folder
constexpr uint64_t kAliveMs = 5000;

// Ends this machine. Nothing that runs in it is asked.
void EndMachine() {
  HANDLE opened = nullptr;
  if (OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &opened)) {
    const UniqueHandle token(opened);
    TOKEN_PRIVILEGES wanted = {};
    wanted.PrivilegeCount = 1;
    wanted.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    if (LookupPrivilegeValueW(nullptr, L"SeShutdownPrivilege", &wanted.Privileges[0].Luid)) {
      AdjustTokenPrivileges(token.get(), FALSE, &wanted, 0, nullptr, nullptr);
    }
  }
  constexpr DWORD kReason = 0x80000000;  // SHTDN_REASON_FLAG_PLANNED, of no further reason
  InitiateSystemShutdownExW(nullptr, nullptr, 0, TRUE, FALSE, kReason);
}

class Guest {
 public:
  Guest(std::string in, const std::string& out, GuestOrder order)
      : in_(std::move(in)),
        order_(std::move(order)),
        run_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
        end_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
        drained_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
        outbox_(out, order_.nonce, end_.get()) {}

  void Run();

 private:
  void Watch();
  GuestResult RunCommand();
  GuestResult WaitFor(const GuestChild& child);
  void Relay(const UniqueFileHandle& pipe, MailKind kind);
  void Drain(const GuestChild& child);
  void Count(size_t bytes);

  const std::string in_;
  const GuestOrder order_;
  const UniqueHandle run_, end_, drained_;
  GuestOutbox outbox_;
  HANDLE job_ = nullptr;
  std::atomic<uint64_t> output_{0};
  std::atomic<int> relays_{2};
  std::atomic<bool> too_much_{false}, done_{false};
};

// A control file that cannot be read, or is none, is no beat.
void Guest::Watch() {
  const std::string path = absl::StrCat(in_, "\\", kControlFile);
  const uint64_t silence = static_cast<uint64_t>(std::chrono::milliseconds(kSilence).count());
  uint64_t newest = 0, heard = GetTickCount64();
  while (WaitForSingleObject(end_.get(), kLookMs) == WAIT_TIMEOUT && !done_) {
    const auto text = ReadWholeFile(path, kMostControl);
    const auto control = text.ok() ? ParseControl(order_.nonce, *text) : text.status();
    if (control.ok() && control->beat > newest) {
      newest = control->beat;
      heard = GetTickCount64();
      if (control->command == GuestCommand::kRun) SetEvent(run_.get());
      if (control->command == GuestCommand::kEnd) SetEvent(end_.get());
    }
    if (GetTickCount64() - heard > silence) SetEvent(end_.get());
    outbox_.SayAlive(kAliveMs);
  }
}

void Guest::Count(size_t bytes) {
  if (!order_.output.has_value() || (output_ += bytes) <= *order_.output) return;
  too_much_ = true;
  TerminateJobObject(job_, 1);
}

void Guest::Relay(const UniqueFileHandle& pipe, MailKind kind) {
  std::vector<char> buffer(kMostBytes);
  DWORD got = 0;
  while (ReadFile(pipe.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &got, nullptr) && got > 0) {
    if (!outbox_.Send(kind, {buffer.data(), got}).ok()) break;
    Count(got);
  }
  if (--relays_ == 0) SetEvent(drained_.get());
}

// After the job has ended there is only what lies in the pipes. Their end is not waited for: the command may have given
// its end of one to a process outside of the job.
void Guest::Drain(const GuestChild& child) {
  while (WaitForSingleObject(drained_.get(), kLookMs) == WAIT_TIMEOUT) {
    for (const UniqueFileHandle* const pipe : {&child.out, &child.err}) {
      DWORD available = 0;
      if (PeekNamedPipe(pipe->get(), nullptr, 0, nullptr, &available, nullptr) && available == 0) {
        CancelIoEx(pipe->get(), nullptr);
      }
    }
  }
}

GuestResult Guest::WaitFor(const GuestChild& child) {
  GuestResult result;
  const uint64_t started = GetTickCount64();
  const HANDLE either[] = {child.process.get(), end_.get()};
  const DWORD limit =
      order_.wall.has_value() ? static_cast<DWORD>(std::min<int64_t>(order_.wall->count(), INFINITE - 1)) : INFINITE;
  const DWORD first = WaitForMultipleObjects(2, either, FALSE, limit);
  TerminateJobObject(child.job.get(), 1);
  DWORD code = 0;
  GetExitCodeProcess(child.process.get(), &code);
  result.end = first == WAIT_TIMEOUT ? GuestEnd::kWallLimit : too_much_ ? GuestEnd::kOutputLimit : GuestEnd::kExited;
  result.code = result.end == GuestEnd::kExited ? code : 0;
  result.wall_ms = GetTickCount64() - started;
  AddGuestUsage(child.job.get(), &result);
  return result;
}

GuestResult Guest::RunCommand() {
  if (!order_.copy_from.empty()) {
    const absl::Status copied = CopyTree(order_.copy_from, order_.copy_to);
    if (!copied.ok()) return {GuestEnd::kFailed, 0, std::string(copied.message()), 0, 0, 0, 0};
  }
  const GuestChild child = StartGuestChild(order_);
  if (child.failure.end != GuestEnd::kExited) return child.failure;
  job_ = child.job.get();
  (void)outbox_.Send(MailKind::kStarted, FormatStarted(child.id));
  std::thread out([&] { Relay(child.out, MailKind::kOut); });
  std::thread err([&] { Relay(child.err, MailKind::kErr); });
  GuestResult result = WaitFor(child);
  Drain(child);
  out.join();
  err.join();
  if (too_much_ && result.end == GuestEnd::kExited) result.end = GuestEnd::kOutputLimit;
  return result;
}

void Guest::Run() {
  std::thread watch([this] { Watch(); });
  const HANDLE either[] = {end_.get(), run_.get()};
  if (outbox_.Send(MailKind::kReady).ok() && WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) {
    if (outbox_.Send(MailKind::kResult, FormatResult(RunCommand())).ok()) {
      WaitForSingleObject(end_.get(), INFINITE);  // set by Watch, by silence at the latest
    }
  }
  done_ = true;
  watch.join();
}

}  // namespace

int RunGuest(const std::string& in, const std::string& out) {
  const auto text = ReadWholeFile(absl::StrCat(in, "\\", kOrderFile), kMostOrder);
  auto order = text.ok() ? ParseGuestOrder(*text) : text.status();
  const bool ordered = order.ok();
  if (ordered) Guest(in, out, *std::move(order)).Run();
  EndMachine();
  return ordered ? 0 : 1;
}

}  // namespace paddock
