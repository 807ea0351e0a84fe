#include <string>

#include "backends/windows_sandbox/launch_guest.h"
#include "backends/windows_sandbox/order.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"

// paddock-guest.exe: the logon command of a Windows Sandbox machine, in the folder that holds its order.
int WINAPI wWinMain(HINSTANCE, HINSTANCE, wchar_t*, int) {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  const size_t separator = path.rfind(L'\\');
  if (separator == std::wstring::npos) return 1;
  return paddock::RunGuest(paddock::ToUtf8(path.substr(0, separator)), paddock::kGuestOut);
}
