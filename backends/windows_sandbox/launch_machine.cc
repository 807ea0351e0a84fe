#include "backends/windows_sandbox/launch_machine.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_command_line.h"
#include "core/platform/windows/feature_facts.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

constexpr size_t kMostAnswer = 64u << 10;
constexpr DWORD kAnswerMs = 60000;

absl::Status Unavailable(absl::string_view code, absl::string_view what) {
  return ReasonError(absl::StatusCode::kUnavailable, code, what);
}

absl::Status Failed(absl::string_view tried) {
  return Unavailable("setup_failed", Win32Status(GetLastError(), tried).message());
}

std::wstring Existing(std::wstring path) {
  return GetFileAttributesW(path.c_str()) == INVALID_FILE_ATTRIBUTES ? L"" : path;
}

std::wstring SystemStarter() {
  wchar_t directory[MAX_PATH] = {};
  const UINT length = GetSystemDirectoryW(directory, MAX_PATH);
  return length == 0 || length >= MAX_PATH ? L"" : Existing(std::wstring(directory) + L"\\WindowsSandbox.exe");
}

std::wstring AliasStarter() {
  const std::wstring alias = SandboxAlias();
  return alias.empty() ? L"" : Existing(alias);
}

struct Made {
  UniqueHandle process, thread;
};

absl::StatusOr<Made> Create(const std::wstring& program, const std::vector<std::string>& arguments, DWORD flags,
                            HANDLE output) {
  std::vector<std::string> argv = {ToUtf8(program)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  ASSIGN_OR_RETURN(const std::string line, MakeWindowsCommandLine(argv));
  std::wstring text = ToWide(line);
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  if (output != nullptr) {
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdOutput = startup.hStdError = output;
  }
  PROCESS_INFORMATION made = {};
  if (!CreateProcessW(program.c_str(), text.data(), nullptr, nullptr, output != nullptr, flags | CREATE_NO_WINDOW,
                      nullptr, nullptr, &startup, &made)) {
    return Failed(absl::StrCat("starting ", ToUtf8(program)));
  }
  return Made{UniqueHandle(made.hProcess), UniqueHandle(made.hThread)};
}

// What wsb.exe answers. It is ended where it does not in time; what it was told to do may happen all the same.
absl::StatusOr<std::string> Ask(const std::wstring& program, const std::vector<std::string>& arguments) {
  HANDLE read = nullptr, write = nullptr;
  if (!CreatePipe(&read, &write, nullptr, kMostAnswer)) return Failed("CreatePipe");
  const UniqueFileHandle output(read);
  UniqueFileHandle theirs(write);
  SetHandleInformation(write, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  ASSIGN_OR_RETURN(const Made made, Create(program, arguments, 0, theirs.get()));
  theirs.reset();
  // The pipe holds all of an answer, so that it can be read after the end.
  if (WaitForSingleObject(made.process.get(), kAnswerMs) != WAIT_OBJECT_0) {
    TerminateProcess(made.process.get(), 1);
    return Unavailable("setup_failed", absl::StrCat(ToUtf8(program), " did not end within a minute"));
  }
  DWORD code = 0, got = 0;
  GetExitCodeProcess(made.process.get(), &code);
  std::string answer(kMostAnswer, '\0');
  answer.resize(ReadFile(output.get(), answer.data(), static_cast<DWORD>(answer.size()), &got, nullptr) ? got : 0);
  if (code == 0) return answer;
  return Unavailable("setup_failed", absl::StrCat(ToUtf8(program), " ended with ", code, ": ", answer.substr(0, 200)));
}

absl::StatusOr<std::string> IdIn(const std::string& answer) {
  const auto json = ParseJson(answer, "wsb.exe", kMostAnswer);
  if (json.ok() && json->is_object()) {
    const auto id = json->find("Id");
    if (id != json->end() && id->is_string() && !id->get_ref<const std::string&>().empty()) {
      return id->get<std::string>();
    }
  }
  return Unavailable("setup_failed", absl::StrCat("wsb.exe gives no Id: ", answer.substr(0, 200)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<HostMachine>> HostMachine::Start(const std::string& path, const std::string& text) {
  if (SandboxProcess().has_value()) {
    return Unavailable("sandbox_instance_running", "a Windows Sandbox that is not this run's is running");
  }
  std::unique_ptr<HostMachine> machine(new HostMachine);
  const std::wstring system = SystemStarter(), alias = system.empty() ? AliasStarter() : L"";
  if (system.empty() && alias.empty()) {
    return Unavailable("feature_absent", "neither WindowsSandbox.exe nor wsb.exe is there");
  }
  RETURN_IF_ERROR(system.empty() ? machine->StartByAlias(alias, text) : machine->StartBySystem(system, path));
  return machine;
}

absl::Status HostMachine::StartBySystem(const std::wstring& program, const std::string& path) {
  job_.reset(CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (!job_.valid() ||
      !SetInformationJobObject(job_.get(), JobObjectExtendedLimitInformation, &limits, sizeof(limits))) {
    return Failed("making a job for Windows Sandbox");
  }
  ASSIGN_OR_RETURN(Made made, Create(program, {path}, CREATE_SUSPENDED, nullptr));
  starter_ = std::move(made.process);
  if (!AssignProcessToJobObject(job_.get(), starter_.get())) {
    const absl::Status status = Failed("putting Windows Sandbox into its job");
    TerminateProcess(starter_.get(), 1);
    return status;
  }
  ResumeThread(made.thread.get());
  return absl::OkStatus();
}

absl::Status HostMachine::StartByAlias(const std::wstring& program, const std::string& text) {
  const std::string line = absl::StrReplaceAll(text, {{"\r\n", ""}});
  ASSIGN_OR_RETURN(const std::string answer, Ask(program, {"start", "--config", line, "--raw"}));
  ASSIGN_OR_RETURN(id_, IdIn(answer));
  alias_ = program;
  ASSIGN_OR_RETURN(Made made, Create(program, {"connect", "--id", id_}, 0, nullptr));
  return absl::OkStatus();
}

void HostMachine::FindWindowProcess() {
  const auto found = SandboxProcess();
  if (!found.has_value()) return;
  UniqueHandle process(OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, found->id));
  if (process.valid()) shown_ = std::move(process);
}

bool HostMachine::WaitForEnd(std::chrono::milliseconds patience) {
  const HANDLE waited = process();
  return waited != nullptr && WaitForSingleObject(waited, static_cast<DWORD>(patience.count())) == WAIT_OBJECT_0;
}

void HostMachine::Kill() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!id_.empty()) (void)Ask(alias_, {"stop", "--id", std::exchange(id_, "")});
  if (shown_.valid()) TerminateProcess(shown_.get(), 1);
  if (job_.valid()) TerminateJobObject(job_.get(), 1);
}

HostMachine::~HostMachine() { Kill(); }

}  // namespace paddock
