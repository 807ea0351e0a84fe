#include "backends/wsl2/launch_channel.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/preamble.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_command_line.h"
#include "core/platform/windows/overlapped_pipe.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::wsl2 {
namespace {

absl::Status Failed(absl::string_view code, absl::string_view tried, DWORD error) {
  return ReasonError(absl::StatusCode::kUnavailable, code, Win32Status(error, tried).message());
}

// Not Unavailable: who interrupts does not ask for the next candidate.
absl::Status Interrupted() {
  return ReasonError(absl::StatusCode::kCancelled, "launch_failed", "interrupted before the command had started");
}

absl::StatusOr<UniqueHandle> MakeJob() {
  UniqueHandle job(CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (!job.valid() || !SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof(limits))) {
    return Failed("setup_failed", "making a job for wsl.exe", GetLastError());
  }
  return job;
}

std::wstring SystemDirectory() {
  wchar_t directory[MAX_PATH];
  const UINT length = GetSystemDirectoryW(directory, MAX_PATH);
  return std::wstring(directory, length < MAX_PATH ? length : 0);
}

// This process's own, but that no variable is carried into the distribution, and that wsl.exe speaks UTF-8.
std::wstring Environment() {
  std::wstring block;
  wchar_t* const own = GetEnvironmentStringsW();
  for (const wchar_t* at = own; at != nullptr && *at != L'\0'; at += wcslen(at) + 1) {
    const std::wstring_view entry(at);
    const std::wstring name(entry.substr(0, entry.find(L'=', 1)));
    if (lstrcmpiW(name.c_str(), L"WSLENV") == 0 || lstrcmpiW(name.c_str(), L"WSL_UTF8") == 0) continue;
    block.append(entry).push_back(L'\0');
  }
  if (own != nullptr) FreeEnvironmentStringsW(own);
  block.append(L"WSL_UTF8=1").push_back(L'\0');
  block.push_back(L'\0');
  return block;
}

// What CreateProcess is told besides its parameters: the job, from the first moment on, and what is inherited.
class Attributes {
 public:
  Attributes(HANDLE job, HANDLE in, HANDLE out, HANDLE err) : job_(job), handles_{in, out, err} {}
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    if (made_) DeleteProcThreadAttributeList(list());
  }
  LPPROC_THREAD_ATTRIBUTE_LIST list() { return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(buffer_.data()); }
  bool Make() {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 2, 0, &size);
    buffer_.assign(size, '\0');
    made_ = InitializeProcThreadAttributeList(list(), 2, 0, &size) != 0;
    return made_ &&
           UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, &job_, sizeof(job_), nullptr,
                                     nullptr) &&
           UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                     handles_.size() * sizeof(HANDLE), nullptr, nullptr);
  }

 private:
  HANDLE job_;
  std::array<HANDLE, 3> handles_;
  std::string buffer_;
  bool made_ = false;
};

}  // namespace

WslChannel::WslChannel()
    : out_event_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
      err_event_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
      in_event_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
      ended_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
      buffer_(kPipeBytes, '\0') {}

absl::StatusOr<std::unique_ptr<WslChannel>> WslChannel::Start(const std::vector<std::string>& arguments) {
  std::unique_ptr<WslChannel> channel(new WslChannel());
  ASSIGN_OR_RETURN(OverlappedPipe in, MakeOverlappedPipe(true, "wsl.exe"));
  ASSIGN_OR_RETURN(OverlappedPipe out, MakeOverlappedPipe(false, "wsl.exe"));
  ASSIGN_OR_RETURN(OverlappedPipe err, MakeOverlappedPipe(false, "wsl.exe"));
  ASSIGN_OR_RETURN(channel->job_, MakeJob());
  RETURN_IF_ERROR(channel->Create(arguments, in.child.get(), out.child.get(), err.child.get()));
  channel->in_ = std::move(in.parent);
  channel->out_ = std::move(out.parent);
  channel->err_ = std::move(err.parent);
  channel->errors_reader_ = std::thread([self = channel.get()] { self->ReadErrors(); });
  return channel;
}

absl::Status WslChannel::Create(const std::vector<std::string>& arguments, HANDLE in, HANDLE out, HANDLE err) {
  const std::wstring program = SystemDirectory() + L"\\wsl.exe";
  ASSIGN_OR_RETURN(const std::string text, MakeWindowsCommandLine(arguments));
  std::wstring line = ToWide(text), environment = Environment();
  Attributes attributes(job_.get(), in, out, err);
  if (!attributes.Make()) return Failed("setup_failed", "listing what wsl.exe inherits", GetLastError());
  STARTUPINFOEXW startup = {};
  startup.StartupInfo.cb = sizeof(startup);
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = in;
  startup.StartupInfo.hStdOutput = out;
  startup.StartupInfo.hStdError = err;
  startup.lpAttributeList = attributes.list();
  // A console of its own, without a window: Ctrl+C reaches this process alone, which says what becomes of it.
  const DWORD flags =
      CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT | CREATE_DEFAULT_ERROR_MODE | CREATE_NO_WINDOW;
  PROCESS_INFORMATION made = {};
  if (!CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, flags, environment.data(),
                      SystemDirectory().c_str(), &startup.StartupInfo, &made)) {
    return Failed("wsl2_absent", absl::StrCat("starting ", ToUtf8(program)), GetLastError());
  }
  process_.reset(made.hProcess);
  CloseHandle(made.hThread);
  return absl::OkStatus();
}

WslChannel::~WslChannel() {
  End();
  if (errors_reader_.joinable()) errors_reader_.join();
}

void WslChannel::End() {
  TerminateJobObject(job_.get(), 1);
  SetEvent(ended_.get());
}

// The first of these that is set counts: what wsl.exe wrote before its end is read first. Whoever else holds the other
// end of a pipe is not waited for.
WslChannel::Came WslChannel::WaitFor(HANDLE done, uint32_t timeout_ms) const {
  const HANDLE any[] = {done, process_.get(), ended_.get(), interrupt_};
  switch (WaitForMultipleObjects(interrupt_ == nullptr ? 3 : 4, any, FALSE, timeout_ms)) {
    case WAIT_OBJECT_0:
      return Came::kDone;
    case WAIT_OBJECT_0 + 3:
      return Came::kInterrupt;
    case WAIT_TIMEOUT:
      return Came::kNothing;
    default:
      return Came::kEnd;
  }
}

absl::StatusOr<absl::string_view> WslChannel::Read(uint32_t timeout_ms) {
  OVERLAPPED operation = {};
  operation.hEvent = out_event_.get();
  if (!ReadFile(out_.get(), buffer_.data(), static_cast<DWORD>(buffer_.size()), nullptr, &operation) &&
      GetLastError() != ERROR_IO_PENDING) {
    return absl::string_view();
  }
  const Came came = WaitFor(out_event_.get(), timeout_ms);
  DWORD size = 0;
  if (came != Came::kDone) CancelIoEx(out_.get(), &operation);
  const bool got = GetOverlappedResult(out_.get(), &operation, &size, TRUE) != 0;
  if (got && size > 0) return absl::string_view(buffer_.data(), size);
  if (came == Came::kInterrupt) return Interrupted();
  if (came == Came::kNothing) return absl::DeadlineExceededError("wsl.exe gave no answer in time");
  return absl::string_view();
}

absl::Status WslChannel::Write(absl::string_view bytes, uint32_t timeout_ms) {
  const std::lock_guard<std::mutex> lock(in_mutex_);
  if (!in_.valid()) return absl::FailedPreconditionError("the relay's input has been closed");
  while (!bytes.empty()) {
    OVERLAPPED operation = {};
    operation.hEvent = in_event_.get();
    const auto size = static_cast<DWORD>(std::min<size_t>(bytes.size(), kPipeBytes));
    if (!WriteFile(in_.get(), bytes.data(), size, nullptr, &operation) && GetLastError() != ERROR_IO_PENDING) {
      return Win32Status(GetLastError(), "writing to the relay");
    }
    const Came came = WaitFor(in_event_.get(), timeout_ms);
    if (came != Came::kDone) CancelIoEx(in_.get(), &operation);
    DWORD done = 0;
    const bool written = GetOverlappedResult(in_.get(), &operation, &done, TRUE) != 0;
    if (came == Came::kInterrupt) return Interrupted();
    if (came == Came::kNothing) return absl::DeadlineExceededError("the distribution did not take its input in time");
    if (!written) return Win32Status(GetLastError(), "writing to the relay");
    bytes.remove_prefix(done);
  }
  return absl::OkStatus();
}

absl::Status WslChannel::CloseInput() {
  const std::lock_guard<std::mutex> lock(in_mutex_);
  in_.reset();
  return absl::OkStatus();
}

uint32_t WslChannel::ExitCode(uint32_t timeout_ms) {
  if (WaitForSingleObject(process_.get(), timeout_ms) != WAIT_OBJECT_0) End();
  WaitForSingleObject(process_.get(), INFINITE);
  DWORD code = 0;
  GetExitCodeProcess(process_.get(), &code);
  return code;
}

void WslChannel::ReadErrors() {
  std::array<char, 4096> piece;
  while (true) {
    OVERLAPPED operation = {};
    operation.hEvent = err_event_.get();
    if (!ReadFile(err_.get(), piece.data(), static_cast<DWORD>(piece.size()), nullptr, &operation) &&
        GetLastError() != ERROR_IO_PENDING) {
      return;
    }
    const HANDLE any[] = {err_event_.get(), ended_.get()};
    if (WaitForMultipleObjects(2, any, FALSE, INFINITE) != WAIT_OBJECT_0) CancelIoEx(err_.get(), &operation);
    DWORD size = 0;
    if (!GetOverlappedResult(err_.get(), &operation, &size, TRUE) || size == 0) return;
    const std::lock_guard<std::mutex> lock(errors_mutex_);
    errors_.append(piece.data(), size);
    if (errors_.size() > kKeptBeforePreamble) errors_.erase(0, errors_.size() - kKeptBeforePreamble);
  }
}

std::string WslChannel::Errors() {
  const std::lock_guard<std::mutex> lock(errors_mutex_);
  return errors_;
}

}  // namespace paddock::wsl2
