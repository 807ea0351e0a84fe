#include "backends/windows_sandbox/launch_guest_child.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/windows_cmd.h"
#include "core/base/windows_command_line.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

constexpr const wchar_t* kExtensions[] = {L"", L".com", L".exe", L".bat", L".cmd"};

GuestResult Failure(GuestEnd end, absl::string_view message) { return {end, 0, std::string(message), 0, 0, 0, 0}; }

std::wstring Variable(const wchar_t* name) {
  std::wstring value(32768, L'\0');
  value.resize(GetEnvironmentVariableW(name, value.data(), static_cast<DWORD>(value.size())));
  return value;
}

bool IsFile(const std::wstring& path) {
  const DWORD attributes = GetFileAttributesW(path.c_str());
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

bool HasExtension(const std::wstring& name) {
  const size_t dot = name.rfind(L'.'), separator = name.find_last_of(L"\\/");
  return dot != std::wstring::npos && (separator == std::wstring::npos || dot > separator);
}

std::wstring FullPath(const std::wstring& path) {
  std::wstring full(32768, L'\0');
  full.resize(GetFullPathNameW(path.c_str(), static_cast<DWORD>(full.size()), full.data(), nullptr));
  return full;
}

// A bare name in the directories of PATH, a path from the current directory; empty if there is none.
std::wstring FindCommand(const std::string& name) {
  const std::wstring wide = ToWide(name);
  const bool is_path = wide.find_first_of(L"\\/:") != std::wstring::npos;
  const std::wstring search = Variable(L"PATH");
  for (const wchar_t* const extension : kExtensions) {
    if (*extension == L'\0' && !is_path && !HasExtension(wide)) continue;
    if (is_path) {
      const std::wstring full = FullPath(wide + extension);
      if (IsFile(full)) return full;
      continue;
    }
    std::wstring found(32768, L'\0');
    found.resize(SearchPathW(search.c_str(), (wide + extension).c_str(), nullptr, static_cast<DWORD>(found.size()),
                             found.data(), nullptr));
    if (!found.empty() && IsFile(found)) return found;
  }
  return L"";
}

struct Line {
  std::wstring application, text;
};

absl::StatusOr<Line> LineFor(std::vector<std::string> argv, const std::wstring& file) {
  Line line{file, L""};
  argv[0] = ToUtf8(file);
  absl::StatusOr<std::string> text;
  if (IsBatchFile(argv[0])) {
    wchar_t system[MAX_PATH] = {};
    GetSystemDirectoryW(system, MAX_PATH);
    line.application = std::wstring(system) + L"\\cmd.exe";
    text = MakeBatchCommandLine(ToUtf8(line.application), argv);
  } else {
    text = IsCommandProcessor(argv[0]) ? MakeCmdCommandLine(argv) : MakeWindowsCommandLine(argv);
  }
  if (!text.ok()) return text.status();
  line.text = ToWide(*text);
  return line;
}

absl::Status MakeJob(const GuestOrder& order, GuestChild* child) {
  child->job.reset(CreateJobObjectW(nullptr, nullptr));
  if (!child->job.valid()) return Win32Status(GetLastError(), "CreateJobObject");
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  DWORD& flags = limits.BasicLimitInformation.LimitFlags;
  flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (order.processes.has_value()) {
    flags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
    limits.BasicLimitInformation.ActiveProcessLimit = *order.processes;
  }
  if (order.memory.has_value()) {
    flags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
    limits.JobMemoryLimit = static_cast<SIZE_T>(*order.memory);
  }
  if (order.cpu.has_value()) {
    flags |= JOB_OBJECT_LIMIT_JOB_TIME;
    limits.BasicLimitInformation.PerJobUserTimeLimit.QuadPart = order.cpu->count() * 10000;
  }
  if (SetInformationJobObject(child->job.get(), JobObjectExtendedLimitInformation, &limits, sizeof(limits))) {
    return absl::OkStatus();
  }
  return Win32Status(GetLastError(), "setting the limits of the job");
}

struct Ends {
  UniqueFileHandle read, write;
};

absl::StatusOr<Ends> MakePipe() {
  HANDLE read = nullptr, write = nullptr;
  if (!CreatePipe(&read, &write, nullptr, kMostBytes)) return Win32Status(GetLastError(), "CreatePipe");
  Ends ends{UniqueFileHandle(read), UniqueFileHandle(write)};
  if (!SetHandleInformation(write, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT)) {
    return Win32Status(GetLastError(), "SetHandleInformation");
  }
  return ends;
}

// Nothing else in this process is inheritable.
absl::Status Start(const Line& line, const std::wstring& cwd, GuestChild* child, DWORD* error) {
  ASSIGN_OR_RETURN(Ends out, MakePipe());
  ASSIGN_OR_RETURN(Ends err, MakePipe());
  SECURITY_ATTRIBUTES inherit = {sizeof(inherit), nullptr, TRUE};
  const UniqueFileHandle nothing(
      CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, nullptr));
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = nothing.get();
  startup.hStdOutput = out.write.get();
  startup.hStdError = err.write.get();
  PROCESS_INFORMATION made = {};
  std::wstring text = line.text;
  *error = 0;
  if (!CreateProcessW(line.application.c_str(), text.data(), nullptr, nullptr, TRUE,
                      CREATE_SUSPENDED | CREATE_NO_WINDOW, nullptr, cwd.c_str(), &startup, &made)) {
    *error = GetLastError();
    return Win32Status(*error, absl::StrCat("starting ", ToUtf8(line.application)));
  }
  child->process.reset(made.hProcess);
  const UniqueHandle thread(made.hThread);
  child->id = made.dwProcessId;
  child->out = std::move(out.read);
  child->err = std::move(err.read);
  // In the job before its first instruction.
  if (AssignProcessToJobObject(child->job.get(), made.hProcess) &&
      ResumeThread(thread.get()) != static_cast<DWORD>(-1)) {
    return absl::OkStatus();
  }
  const absl::Status status = Win32Status(GetLastError(), "putting the command into its job");
  TerminateProcess(made.hProcess, 1);
  return status;
}

bool SaysNotExecutable(DWORD error) {
  return error == ERROR_BAD_EXE_FORMAT || error == ERROR_EXE_MACHINE_TYPE_MISMATCH || error == ERROR_ACCESS_DENIED ||
         error == ERROR_CHILD_NOT_COMPLETE || error == ERROR_INVALID_EXE_SIGNATURE;
}

uint64_t Milliseconds(const LARGE_INTEGER& time) { return static_cast<uint64_t>(time.QuadPart) / 10000; }

}  // namespace

GuestChild StartGuestChild(const GuestOrder& order) {
  GuestChild child;
  for (const auto& [name, value] : order.environment) {
    SetEnvironmentVariableW(ToWide(name).c_str(), ToWide(value).c_str());
  }
  const std::wstring cwd = order.cwd.empty() ? Variable(L"USERPROFILE") : ToWide(order.cwd);
  if (!SetCurrentDirectoryW(cwd.c_str())) {
    child.failure =
        Failure(GuestEnd::kFailed, Win32Status(GetLastError(), absl::StrCat("entering ", ToUtf8(cwd))).message());
    return child;
  }
  const std::wstring file = FindCommand(order.command.front());
  if (file.empty()) {
    child.failure =
        Failure(GuestEnd::kNotFound, absl::StrCat(order.command.front(), " is not in the machine, or not in its PATH"));
    return child;
  }
  const auto line = LineFor(order.command, file);
  absl::Status status = line.ok() ? MakeJob(order, &child) : line.status();
  DWORD error = 0;
  if (status.ok()) status = Start(*line, cwd, &child, &error);
  if (!status.ok()) {
    child.failure = Failure(SaysNotExecutable(error) ? GuestEnd::kNotExecutable : GuestEnd::kFailed, status.message());
  }
  return child;
}

void AddGuestUsage(HANDLE job, GuestResult* result) {
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION times = {};
  if (QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &times, sizeof(times), nullptr)) {
    result->user_ms = Milliseconds(times.TotalUserTime);
    result->system_ms = Milliseconds(times.TotalKernelTime);
  }
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION peaks = {};
  if (QueryInformationJobObject(job, JobObjectExtendedLimitInformation, &peaks, sizeof(peaks), nullptr)) {
    result->max_resident = peaks.PeakProcessMemoryUsed;
  }
}

absl::Status CopyTree(const std::string& from, const std::string& to) {
  // By names below both, so that the depth of a tree costs memory and no stack.
  std::vector<std::wstring> folders = {L""};
  const std::wstring source = ToWide(from), target = ToWide(to);
  while (!folders.empty()) {
    const std::wstring below = std::move(folders.back());
    folders.pop_back();
    if (!CreateDirectoryW((target + below).c_str(), nullptr) && GetLastError() != ERROR_ALREADY_EXISTS) {
      return Win32Status(GetLastError(), absl::StrCat("making ", ToUtf8(target + below)));
    }
    WIN32_FIND_DATAW data;
    const UniqueFindHandle find(FindFirstFileW((source + below + L"\\*").c_str(), &data));
    if (!find.valid()) return Win32Status(GetLastError(), absl::StrCat("listing ", ToUtf8(source + below)));
    do {
      const std::wstring name = data.cFileName;
      if (name == L"." || name == L".." || (data.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) continue;
      const std::wstring path = below + L"\\" + name;
      if ((data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        folders.push_back(path);
      } else if (!CopyFileW((source + path).c_str(), (target + path).c_str(), FALSE)) {
        return Win32Status(GetLastError(), absl::StrCat("copying ", ToUtf8(source + path)));
      }
    } while (FindNextFileW(find.get(), &data));
  }
  return absl::OkStatus();
}

}  // namespace paddock
