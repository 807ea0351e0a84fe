#include "backends/windows_token/launch_logon.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/wide.h"

namespace paddock {
namespace {

// What the secondary logon says, and what it means for whoever wants to run something.
struct LogonError {
  DWORD error;
  absl::string_view code;
};
constexpr LogonError kErrors[] = {
    {ERROR_SERVICE_DISABLED, "seclogon_disabled"},
    {ERROR_SERVICE_NOT_ACTIVE, "seclogon_disabled"},
    {ERROR_SERVICE_DOES_NOT_EXIST, "seclogon_disabled"},
    {ERROR_ACCESS_DISABLED_BY_POLICY, "app_control_enforced"},
    {ERROR_LOGON_FAILURE, "not_provisioned"},
    {ERROR_ACCOUNT_DISABLED, "not_provisioned"},
    {ERROR_ACCOUNT_RESTRICTION, "not_provisioned"},
    {ERROR_LOGON_TYPE_NOT_GRANTED, "not_provisioned"},
    {ERROR_PASSWORD_EXPIRED, "not_provisioned"},
    {ERROR_FILE_NOT_FOUND, "not_provisioned"},
    {ERROR_PATH_NOT_FOUND, "not_provisioned"},
};

absl::string_view CodeOf(DWORD error) {
  for (const LogonError& row : kErrors) {
    if (row.error == error) return row.code;
  }
  return "setup_failed";
}

void WipeWide(std::wstring* text) { SecureZeroMemory(text->data(), text->size() * sizeof(wchar_t)); }

class LogonStarter : public RunnerStarter {
 public:
  absl::StatusOr<RunnerProcess> Start(const DedicatedUser& user, const std::string& command_line,
                                      const std::string& desktop) override {
    if (command_line.size() > kMaxLogonLine) return absl::InvalidArgumentError("the runner's command line is too long");
    ASSIGN_OR_RETURN(const std::wstring runner, WideText(user.runner));
    ASSIGN_OR_RETURN(const std::wstring name, WideText(user.name));
    ASSIGN_OR_RETURN(std::wstring line, WideText(command_line));
    ASSIGN_OR_RETURN(std::wstring place, WideText(desktop));
    const std::wstring directory = runner.substr(0, runner.rfind(L'\\'));
    STARTUPINFOW startup = {};
    startup.cb = sizeof(startup);
    // Not the caller's: the service would open it to the user (Microsoft Learn, "CreateProcessWithLogonW").
    startup.lpDesktop = place.data();
    PROCESS_INFORMATION made = {};
    std::wstring password = ToWide(user.password);
    const BOOL started = CreateProcessWithLogonW(
        name.c_str(), L".", password.c_str(), LOGON_WITH_PROFILE, runner.c_str(), line.data(),
        CREATE_UNICODE_ENVIRONMENT | CREATE_DEFAULT_ERROR_MODE, nullptr, directory.c_str(), &startup, &made);
    const DWORD error = GetLastError();
    WipeWide(&password);
    if (!started) {
      return StepRefused(CodeOf(error), absl::StrCat("starting ", user.runner, " as the user ", user.name), error);
    }
    RunnerProcess process;
    process.process.reset(made.hProcess);
    process.thread.reset(made.hThread);
    process.id = made.dwProcessId;
    return process;
  }
};

}  // namespace

std::unique_ptr<RunnerStarter> MakeLogonStarter() { return std::make_unique<LogonStarter>(); }

void Wipe(std::string* text) {
  SecureZeroMemory(text->data(), text->size());
  text->clear();
}

}  // namespace paddock
