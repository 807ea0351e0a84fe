#include "core/platform/caller.h"

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"
// After it, since it uses its types.
#include <shellapi.h>

namespace paddock {
namespace {

// A path of the system's may be as long as this (Microsoft Learn, "Maximum Path Length Limitation").
constexpr DWORD kLongestPath = 32768;

// Names of variables are the same in any case. Those that Paddock and policies ask for get the spelling they are asked
// by; all others keep their own.
constexpr absl::string_view kSpellings[] = {"PATH",
                                            "PATHEXT",
                                            "TEMP",
                                            "TMP",
                                            "USERPROFILE",
                                            "SYSTEMROOT",
                                            "APPDATA",
                                            "LOCALAPPDATA",
                                            "OneDrive",
                                            "OneDriveConsumer",
                                            "OneDriveCommercial",
                                            "LANG",
                                            "TERM",
                                            "COMSPEC",
                                            "ProgramData",
                                            "WINDIR",
                                            "HTTP_PROXY",
                                            "HTTPS_PROXY"};

std::string Spelling(const std::string& name) {
  for (const absl::string_view spelling : kSpellings) {
    if (absl::EqualsIgnoreCase(name, spelling)) return std::string(spelling);
  }
  return name;
}

// "=C:=C:\dir" remembers the current directory of a drive and is no variable.
void ReadEnvironment(std::map<std::string, std::string>* environment) {
  wchar_t* const block = GetEnvironmentStringsW();
  if (block == nullptr) return;
  for (const wchar_t* entry = block; *entry != L'\0';) {
    const std::wstring_view text(entry);
    const size_t equals = text.find(L'=');
    if (equals != std::wstring_view::npos && equals != 0) {
      environment->emplace(Spelling(ToUtf8(text.substr(0, equals))), ToUtf8(text.substr(equals + 1)));
    }
    entry += text.size() + 1;
  }
  FreeEnvironmentStringsW(block);
}

bool IsUsual(absl::string_view text) {
  const auto path = WindowsPath::Parse(text);
  return path.ok() && path->CheckUsual().ok();
}

}  // namespace

absl::StatusOr<Caller> ReadCaller() {
  Caller caller;
  std::wstring buffer(kLongestPath, L'\0');
  const DWORD length = GetCurrentDirectoryW(kLongestPath, buffer.data());
  if (length == 0 || length >= kLongestPath) {
    const absl::Status error = Win32Status(GetLastError(), "the current directory cannot be read");
    return absl::FailedPreconditionError(absl::StrCat(error.message(), "; change to one that exists"));
  }
  caller.cwd = ToUtf8({buffer.data(), length});
  if (!IsUsual(caller.cwd)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the current directory ", caller.cwd, " is no path of a drive or a share; change to one that is"));
  }
  const DWORD size = GetModuleFileNameW(nullptr, buffer.data(), kLongestPath);
  if (size > 0 && size < kLongestPath) caller.executable = ToUtf8({buffer.data(), size});
  ReadEnvironment(&caller.environment);
  const auto home = caller.environment.find("USERPROFILE");
  if (home != caller.environment.end() && IsUsual(home->second)) caller.home = home->second;
  return caller;
}

void EndProcess(int status) {
  TerminateProcess(GetCurrentProcess(), static_cast<UINT>(status));
  std::abort();  // never reached: a process may always end itself
}

std::vector<std::string> ProgramArguments(int argc, char** argv) {
  // argv is in the code page of the system, which may not have the characters.
  (void)argc, (void)argv;
  std::vector<std::string> arguments;
  int count = 0;
  wchar_t** const words = CommandLineToArgvW(GetCommandLineW(), &count);
  for (int i = 1; words != nullptr && i < count; ++i) arguments.push_back(ToUtf8(words[i]));
  LocalFree(words);
  return arguments;
}

absl::Status ReplaceByProgram(absl::string_view name, absl::string_view, const std::vector<std::string>&) {
  return absl::UnimplementedError(
      absl::StrCat(name, " is not there on Windows, where no process becomes another program"));
}

}  // namespace paddock
