// Stands in for WindowsSandbox.exe, and under that name for wsb.exe, in a prefix of Wine's: reads the configuration
// file, puts symbolic links where a machine has its mapped folders, runs the logon command, and ends with it, as a
// machine does that is shut down. It maps every folder read-write, and has neither a kernel nor a desktop of its own:
// what confines is not tested by it. A file "stand-in" in C:\ says what to do wrong: "deaf" (start nothing), "broken"
// (fail).

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "core/platform/windows/windows_api.h"

namespace {

std::string ReadFileAt(const wchar_t* path) {
  std::string text;
  FILE* const file = _wfopen(path, L"rb");
  if (file == nullptr) return text;
  char buffer[4096];
  for (size_t got; (got = fread(buffer, 1, sizeof(buffer), file)) > 0;) text.append(buffer, got);
  fclose(file);
  return text;
}

std::string Unescape(std::string text) {
  const std::pair<const char*, const char*> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};
  for (const auto& [from, to] : entities) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) {
      text.replace(at, std::string(from).size(), to);
    }
  }
  return text;
}

// The contents of each `element`, in order.
std::vector<std::string> Contents(const std::string& text, const std::string& element) {
  const std::string open = "<" + element + ">", close = "</" + element + ">";
  std::vector<std::string> found;
  for (size_t at = 0; (at = text.find(open, at)) != std::string::npos;) {
    at += open.size();
    found.push_back(Unescape(text.substr(at, text.find(close, at) - at)));
  }
  return found;
}

std::wstring Wide(const std::string& text) {
  std::wstring wide(text.size() + 1, L'\0');
  wide.resize(static_cast<size_t>(MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                                      wide.data(), static_cast<int>(wide.size()))));
  return wide;
}

std::wstring UnixName(const std::wstring& path) {
  using Function = char*(__cdecl*)(const wchar_t*);
  const auto name = reinterpret_cast<Function>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "wine_get_unix_file_name")));
  return Wide(name == nullptr ? "" : name(path.c_str()));
}

// Of a place below C:\paddock, whose directory need not be there yet.
std::wstring Inside(const std::wstring& paddock, const std::wstring& path) {
  std::wstring below = path.substr(std::wstring(L"C:\\paddock").size());
  for (wchar_t& c : below) {
    if (c == L'\\') c = L'/';
  }
  return paddock + below;
}

constexpr wchar_t kMapped[] = L"C:\\stand-in-mapped";

// Of Unix's programs Wine hands out no handle, so the last of them makes a file, which is waited for.
bool Map(const std::vector<std::string>& hosts, const std::vector<std::string>& inside) {
  std::wstring line =
      L"sh -c \"p=$1; m=$2; shift 2; rm -rf $p; mkdir -p $p/folders; "
      L"while [ $# -gt 1 ]; do ln -s \\\"$1\\\" \\\"$2\\\"; shift 2; done; : > $m\" sh ";
  const std::wstring paddock = UnixName(L"C:\\paddock");
  line += paddock + L" " + UnixName(kMapped);
  for (size_t i = 0; i < hosts.size(); ++i) {
    line += L" \"" + UnixName(Wide(hosts[i])) + L"\" \"" + Inside(paddock, Wide(inside[i])) + L"\"";
  }
  DeleteFileW(kMapped);
  HANDLE change = FindFirstChangeNotificationW(L"C:\\", FALSE, FILE_NOTIFY_CHANGE_FILE_NAME);
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION made = {};
  if (!CreateProcessW(L"Z:\\bin\\sh", line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &made)) {
    return false;
  }
  while (GetFileAttributesW(kMapped) == INVALID_FILE_ATTRIBUTES) {
    if (WaitForSingleObject(change, 30000) != WAIT_OBJECT_0) return false;
    FindNextChangeNotification(change);
  }
  FindCloseChangeNotification(change);
  return true;
}

// What the machine runs ends with it.
HANDLE MachineJob() {
  HANDLE job = CreateJobObjectW(nullptr, nullptr);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits));
  return job;
}

std::wstring SiblingOfThis(const wchar_t* name) {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return path.substr(0, path.rfind(L'\\') + 1) + name;
}

// wsb.exe: "start" hands the configuration to a machine that stays and says its Id, "stop" ends that machine.
int Wsb(int argc, wchar_t** argv) {
  const std::wstring verb = argv[1], server = SiblingOfThis(L"WindowsSandboxServer.exe");
  if (verb == L"start" && argc == 5 && std::wstring(argv[2]) == L"--config" && std::wstring(argv[4]) == L"--raw") {
    const std::wstring text = argv[3];
    std::string bytes(text.size() * 3, '\0');
    bytes.resize(
        static_cast<size_t>(WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), bytes.data(),
                                                static_cast<int>(bytes.size()), nullptr, nullptr)));
    FILE* const file = _wfopen(L"C:\\stand-in.wsb", L"wb");
    fwrite(bytes.data(), 1, bytes.size(), file);
    fclose(file);
    std::wstring line = L"server C:\\stand-in.wsb";
    STARTUPINFOW startup = {};
    startup.cb = sizeof(startup);
    PROCESS_INFORMATION made = {};
    if (!CreateProcessW(server.c_str(), line.data(), nullptr, nullptr, FALSE, DETACHED_PROCESS, nullptr, nullptr,
                        &startup, &made)) {
      return 5;
    }
    printf("{\"Id\":\"%lu\"}\n", made.dwProcessId);
    return 0;
  }
  if (argc != 4 || std::wstring(argv[2]) != L"--id") return 6;
  if (verb == L"stop") {
    const HANDLE machine = OpenProcess(PROCESS_TERMINATE, FALSE, wcstoul(argv[3], nullptr, 10));
    return machine != nullptr && TerminateProcess(machine, 1) ? 0 : 1;
  }
  return verb == L"connect" ? 0 : 6;
}

int RunLogonCommand(const std::string& command) {
  std::wstring line = Wide(command);
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION made = {};
  if (!CreateProcessW(nullptr, line.data(), nullptr, nullptr, FALSE, CREATE_SUSPENDED, nullptr, nullptr, &startup,
                      &made)) {
    return 4;
  }
  AssignProcessToJobObject(MachineJob(), made.hProcess);
  ResumeThread(made.hThread);
  WaitForSingleObject(made.hProcess, INFINITE);
  return 0;
}

}  // namespace

int wmain(int argc, wchar_t** argv) {
  if (argc > 2) return Wsb(argc, argv);
  if (argc != 2) return 2;
  const std::string mode = ReadFileAt(L"C:\\stand-in");
  if (mode == "broken") return 7;
  const std::string text = ReadFileAt(argv[1]);
  const std::vector<std::string> commands = Contents(text, "Command");
  if (commands.size() != 1 || !Map(Contents(text, "HostFolder"), Contents(text, "SandboxFolder"))) return 3;
  if (mode == "deaf") {
    WaitForSingleObject(GetCurrentProcess(), INFINITE);
    return 0;
  }
  return RunLogonCommand(commands.front());
}
