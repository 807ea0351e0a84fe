#include "backends/windows_token/launch_channel.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/descriptor.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

constexpr absl::string_view kPipePrefix = "\\\\.\\pipe\\paddock-runner-";
constexpr size_t kRandomDigits = 64;
constexpr DWORD kPipeBuffer = 65536;
constexpr DWORD kMostAtOnce = 1u << 16;

// Reading and writing, and what goes with it; not FILE_CREATE_PIPE_INSTANCE, which FILE_GENERIC_WRITE holds.
constexpr DWORD kClientRights = FILE_GENERIC_READ | FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES;

}  // namespace

RunnerChannel::RunnerChannel(UniqueFileHandle pipe)
    : pipe_(std::move(pipe)), event_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}

absl::StatusOr<DWORD> RunnerChannel::Finish(bool started, const Waits& waits, absl::string_view tried) {
  DWORD done = 0;
  if (!started && GetLastError() == ERROR_PIPE_CONNECTED) return done;
  if (!started && GetLastError() != ERROR_IO_PENDING) {
    return absl::AbortedError(absl::StrCat(tried, ": ", Win32Message(GetLastError())));
  }
  std::vector<HANDLE> handles = {event_.get()};
  handles.insert(handles.end(), waits.until.begin(), waits.until.end());
  const DWORD waited =
      WaitForMultipleObjects(static_cast<DWORD>(handles.size()), handles.data(), FALSE, waits.longest_ms);
  if (waited != WAIT_OBJECT_0) CancelIoEx(pipe_.get(), &operation_);
  // What was written before the other end went is still to be had.
  if (GetOverlappedResult(pipe_.get(), &operation_, &done, TRUE)) return done;
  const DWORD error = GetLastError();
  if (waited == WAIT_TIMEOUT) return absl::DeadlineExceededError(absl::StrCat(tried, ": there was no answer in time"));
  if (waited != WAIT_OBJECT_0) return absl::AbortedError(absl::StrCat(tried, ": the other end is gone"));
  return absl::AbortedError(absl::StrCat(tried, ": ", Win32Message(error)));
}

absl::Status RunnerChannel::ReadAll(char* bytes, size_t size, const Waits& waits) {
  while (size > 0) {
    operation_ = {};
    operation_.hEvent = event_.get();
    const DWORD most = size < kMostAtOnce ? static_cast<DWORD>(size) : kMostAtOnce;
    const bool started = ReadFile(pipe_.get(), bytes, most, nullptr, &operation_) != 0;
    ASSIGN_OR_RETURN(const DWORD got, Finish(started, waits, "reading from the runner's pipe"));
    if (got == 0) return absl::AbortedError("the other end is closed");
    bytes += got;
    size -= got;
  }
  return absl::OkStatus();
}

absl::Status RunnerChannel::Send(absl::string_view text, const Waits& waits) {
  ASSIGN_OR_RETURN(const std::string frame, RunnerFrame(text));
  for (absl::string_view rest = frame; !rest.empty();) {
    operation_ = {};
    operation_.hEvent = event_.get();
    const DWORD most = rest.size() < kMostAtOnce ? static_cast<DWORD>(rest.size()) : kMostAtOnce;
    const bool started = WriteFile(pipe_.get(), rest.data(), most, nullptr, &operation_) != 0;
    ASSIGN_OR_RETURN(const DWORD written, Finish(started, waits, "writing to the runner's pipe"));
    if (written == 0) return absl::AbortedError("the other end takes nothing");
    rest.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RunnerChannel::Receive(const Waits& waits) {
  char header[kRunnerHeader] = {};
  RETURN_IF_ERROR(ReadAll(header, sizeof(header), waits));
  ASSIGN_OR_RETURN(const uint32_t length, RunnerTextLength({header, sizeof(header)}));
  std::string text(length, '\0');
  RETURN_IF_ERROR(ReadAll(text.data(), text.size(), waits));
  return text;
}

absl::Status RunnerChannel::AwaitClient(const Waits& waits) {
  operation_ = {};
  operation_.hEvent = event_.get();
  const bool started = ConnectNamedPipe(pipe_.get(), &operation_) != 0;
  return Finish(started, waits, "waiting for the runner to open its pipe").status();
}

DWORD RunnerChannel::ClientProcess() const {
  ULONG id = 0;
  return GetNamedPipeClientProcessId(pipe_.get(), &id) ? id : 0;
}

DWORD RunnerChannel::ServerProcess() const {
  ULONG id = 0;
  return GetNamedPipeServerProcessId(pipe_.get(), &id) ? id : 0;
}

absl::StatusOr<std::string> RandomRunnerPipe() {
  ASSIGN_OR_RETURN(const std::string random, RandomHex(kRandomDigits));
  return absl::StrCat(kPipePrefix, random);
}

bool IsRunnerPipe(absl::string_view name) {
  return absl::StartsWith(name, kPipePrefix) && name.size() == kPipePrefix.size() + kRandomDigits &&
         name.substr(kPipePrefix.size()).find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

absl::StatusOr<UniqueFileHandle> MakeRunnerPipe(const std::string& name, const access::Sid& owner,
                                                const access::Sid& account) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor,
                   access::ParseSddl(absl::StrCat("D:P(A;;GA;;;", owner.ToString(), ")(A;;0x", absl::Hex(kClientRights),
                                                  ";;;", account.ToString(), ")")));
  ASSIGN_OR_RETURN(const DescriptorBuffer buffer, DescriptorBuffer::Make(descriptor));
  SECURITY_ATTRIBUTES attributes = buffer.Attributes();
  UniqueFileHandle pipe(
      CreateNamedPipeW(ToWide(name).c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                       PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, kPipeBuffer, kPipeBuffer, 0, &attributes));
  if (!pipe.valid()) return StepFailed("making the runner's pipe");
  return pipe;
}

absl::StatusOr<UniqueFileHandle> OpenRunnerPipe(const std::string& name) {
  UniqueFileHandle pipe(CreateFileW(ToWide(name).c_str(), kClientRights, 0, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr));
  if (!pipe.valid()) return StepFailed("opening the launcher's pipe");
  return pipe;
}

}  // namespace paddock
