#include "core/windows_launch/process.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/wide.h"

namespace paddock {
namespace {

struct Mitigation {
  absl::string_view name;
  DWORD64 policy;
};
// Microsoft Learn, "UpdateProcThreadAttribute function"; the numbers stand in winbase.h.
constexpr Mitigation kMitigations[] = {
    {"image_load_no_remote", DWORD64{1} << 52},
    {"image_load_no_low_label", DWORD64{1} << 56},
    {"extension_point_disable", DWORD64{1} << 32},
};

// Not in older headers.
constexpr DWORD_PTR kPseudoConsole = 0x00020016;  // PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE
constexpr DWORD kElevationRequired = 740;         // ERROR_ELEVATION_REQUIRED

// The current directory of a process, with the separator at its end, has to fit into MAX_PATH.
constexpr size_t kMaxDirectory = MAX_PATH - 2;

absl::StatusOr<DWORD64> MitigationPolicy(const std::vector<std::string>& names) {
  DWORD64 policy = 0;
  for (const std::string& name : names) {
    const auto row = std::find_if(std::begin(kMitigations), std::end(kMitigations),
                                  [&](const Mitigation& mitigation) { return mitigation.name == name; });
    if (row == std::end(kMitigations)) return absl::InvalidArgumentError(absl::StrCat("no mitigation is named ", name));
    policy |= row->policy;
  }
  return policy;
}

// A list of attributes, and the values that it points to.
class Attributes {
 public:
  Attributes() = default;
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    if (made_) DeleteProcThreadAttributeList(list());
  }

  absl::Status Make(const ProcessOrder& order);
  LPPROC_THREAD_ATTRIBUTE_LIST list() { return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(buffer_.data()); }
  bool inherits() const { return !handles_.empty(); }

 private:
  absl::Status Add(DWORD_PTR attribute, void* value, size_t size, absl::string_view name);
  absl::Status AddContainer(const ContainerOrder& container);

  std::string buffer_;
  std::string package_;
  std::vector<std::string> capability_bytes_;
  std::vector<SID_AND_ATTRIBUTES> capabilities_;
  SECURITY_CAPABILITIES security_ = {};
  DWORD packages_policy_ = PROCESS_CREATION_ALL_APPLICATION_PACKAGES_OPT_OUT;
  std::vector<HANDLE> handles_;
  HANDLE job_ = nullptr;
  DWORD64 policy_ = 0;
  bool made_ = false;
};

absl::Status Attributes::Add(DWORD_PTR attribute, void* value, size_t size, absl::string_view name) {
  if (UpdateProcThreadAttribute(list(), 0, attribute, value, size, nullptr, nullptr)) return absl::OkStatus();
  return StepFailed(absl::StrCat("UpdateProcThreadAttribute ", name));
}

absl::Status Attributes::AddContainer(const ContainerOrder& container) {
  container.package.AppendBytes(&package_);
  for (const access::Sid& sid : container.capabilities) sid.AppendBytes(&capability_bytes_.emplace_back());
  for (std::string& bytes : capability_bytes_) capabilities_.push_back({bytes.data(), SE_GROUP_ENABLED});
  security_.AppContainerSid = package_.data();
  security_.Capabilities = capabilities_.empty() ? nullptr : capabilities_.data();
  security_.CapabilityCount = static_cast<DWORD>(capabilities_.size());
  RETURN_IF_ERROR(
      Add(PROC_THREAD_ATTRIBUTE_SECURITY_CAPABILITIES, &security_, sizeof(security_), "SECURITY_CAPABILITIES"));
  if (!container.lpac) return absl::OkStatus();
  return Add(PROC_THREAD_ATTRIBUTE_ALL_APPLICATION_PACKAGES_POLICY, &packages_policy_, sizeof(packages_policy_),
             "ALL_APPLICATION_PACKAGES_POLICY");
}

absl::Status Attributes::Make(const ProcessOrder& order) {
  ASSIGN_OR_RETURN(policy_, MitigationPolicy(order.mitigations));
  job_ = order.job;
  for (const std::string& name : order.handles) {
    const HANDLE handle = order.stdio->Of(name);
    // Twice the same one, as of 2>&1, is an error.
    if (handle != nullptr && std::find(handles_.begin(), handles_.end(), handle) == handles_.end()) {
      handles_.push_back(handle);
    }
  }
  constexpr DWORD kMost = 6;
  SIZE_T size = 0;
  InitializeProcThreadAttributeList(nullptr, kMost, 0, &size);
  buffer_.assign(size, '\0');
  if (!InitializeProcThreadAttributeList(list(), kMost, 0, &size))
    return StepFailed("InitializeProcThreadAttributeList");
  made_ = true;
  RETURN_IF_ERROR(Add(PROC_THREAD_ATTRIBUTE_JOB_LIST, &job_, sizeof(job_), "JOB_LIST"));
  if (policy_ != 0) {
    RETURN_IF_ERROR(Add(PROC_THREAD_ATTRIBUTE_MITIGATION_POLICY, &policy_, sizeof(policy_), "MITIGATION_POLICY"));
  }
  if (order.container != nullptr) RETURN_IF_ERROR(AddContainer(*order.container));
  if (order.stdio->console != nullptr) {
    return Add(kPseudoConsole, order.stdio->console, sizeof(order.stdio->console), "PSEUDOCONSOLE");
  }
  if (handles_.empty()) return absl::OkStatus();
  return Add(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(), handles_.size() * sizeof(HANDLE), "HANDLE_LIST");
}

absl::Status Unusable(const std::string& cwd, absl::string_view why) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "cwd_unusable",
                     absl::StrCat("the command cannot start in ", cwd, ": ", why));
}

// The directory as CreateProcess takes it; a long one by its short name, if it has one.
absl::StatusOr<std::wstring> Directory(const std::string& cwd) {
  const auto verbatim = WidePath(cwd);
  if (!verbatim.ok()) return Unusable(cwd, verbatim.status().message());
  const DWORD attributes = GetFileAttributesW(verbatim->c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return Unusable(cwd, Win32Message(GetLastError()));
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) return Unusable(cwd, "it is no directory");
  ASSIGN_OR_RETURN(std::wstring wide, WideText(cwd));
  if (wide.size() < kMaxDirectory) return wide;
  std::wstring shorter(verbatim->size() + 1, L'\0');
  shorter.resize(GetShortPathNameW(verbatim->c_str(), shorter.data(), static_cast<DWORD>(shorter.size())));
  constexpr absl::string_view kVerbatimDrive = "\\\\?\\C:";
  if (shorter.size() > kVerbatimDrive.size() && shorter[kVerbatimDrive.size() - 1] == L':') shorter.erase(0, 4);
  if (!shorter.empty() && shorter.size() < kMaxDirectory) return shorter;
  return Unusable(cwd, absl::StrCat("Windows starts no process in a directory of more than ", kMaxDirectory - 1,
                                    " characters, and this one has no short name"));
}

absl::StatusOr<std::wstring> ApplicationPath(const std::string& path) {
  ASSIGN_OR_RETURN(std::wstring wide, WideText(path));
  return wide.size() < MAX_PATH ? wide : WidePath(path);
}

// What CreateProcess says of a file that is no program, or none for this machine.
bool IsNoProgram(DWORD error) {
  return error == ERROR_BAD_EXE_FORMAT || error == ERROR_EXE_MACHINE_TYPE_MISMATCH ||
         error == ERROR_INVALID_EXE_SIGNATURE || error == kElevationRequired || error == ERROR_BAD_FORMAT;
}

void Record(const ProcessOrder& order, LaunchRecorder& recorder) {
  recorder.OnCall(order.token != nullptr ? "CreateProcessAsUser" : "CreateProcess",
                  {{"application", order.program.application},
                   {"command_line", order.program.command_line},
                   {"cwd", order.cwd},
                   {"environment", order.environment},
                   {"desktop", order.desktop},
                   {"tty", order.stdio->console != nullptr},
                   {"handles", order.handles},
                   {"mitigations", order.mitigations}});
}

}  // namespace

absl::StatusOr<NewProcess> CreateSuspended(const ProcessOrder& order, LaunchRecorder& recorder) {
  ASSIGN_OR_RETURN(const std::wstring application, ApplicationPath(order.program.application));
  ASSIGN_OR_RETURN(std::wstring line, WideText(order.program.command_line));
  ASSIGN_OR_RETURN(const std::wstring directory, Directory(order.cwd));
  ASSIGN_OR_RETURN(std::wstring block, EnvironmentBlock(order.environment));
  ASSIGN_OR_RETURN(std::wstring desktop, WideText(order.desktop));
  Attributes attributes;
  RETURN_IF_ERROR(attributes.Make(order));
  STARTUPINFOEXW startup = {};
  startup.StartupInfo.cb = sizeof(startup);
  startup.StartupInfo.lpDesktop = desktop.empty() ? nullptr : desktop.data();
  // With a terminal of its own too: a console program would else get copies of this process's own streams.
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = order.stdio->Of("stdin");
  startup.StartupInfo.hStdOutput = order.stdio->Of("stdout");
  startup.StartupInfo.hStdError = order.stdio->Of("stderr");
  startup.lpAttributeList = attributes.list();
  // A console of its own, without a window: into the caller's it could type commands, for the caller's shell to run.
  const DWORD flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT |
                      CREATE_DEFAULT_ERROR_MODE | (order.stdio->console != nullptr ? 0u : CREATE_NO_WINDOW);
  Record(order, recorder);
  PROCESS_INFORMATION made = {};
  const BOOL started =
      order.token != nullptr
          ? CreateProcessAsUserW(order.token, application.c_str(), line.data(), nullptr, nullptr, attributes.inherits(),
                                 flags, block.data(), directory.c_str(), &startup.StartupInfo, &made)
          : CreateProcessW(application.c_str(), line.data(), nullptr, nullptr, attributes.inherits(), flags,
                           block.data(), directory.c_str(), &startup.StartupInfo, &made);
  if (!started) {
    const DWORD error = GetLastError();
    NewProcess none;
    none.not_executable = true;
    none.why = Win32Message(error);
    if (IsNoProgram(error)) return none;
    if (error == ERROR_DIRECTORY) return Unusable(order.cwd, none.why);
    return StepRefused("setup_failed", absl::StrCat("starting ", order.program.application), error);
  }
  NewProcess process;
  process.process.reset(made.hProcess);
  process.thread.reset(made.hThread);
  process.id = made.dwProcessId;
  return process;
}

}  // namespace paddock
