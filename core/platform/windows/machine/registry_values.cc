#include "core/platform/windows/machine/registry_values.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::machine {
namespace {

struct KeyTraits {
  using Handle = HKEY;
  static Handle None() { return nullptr; }
  static void Close(Handle handle) { RegCloseKey(handle); }
};
using UniqueKey = BasicUniqueHandle<KeyTraits>;

absl::Status Answer(LSTATUS error, absl::string_view tried, const std::string& key) {
  if (error == ERROR_SUCCESS) return absl::OkStatus();
  return Win32Status(static_cast<uint32_t>(error), absl::StrCat(tried, " HKLM\\", key));
}

absl::Status Set(const std::string& path, absl::string_view name, DWORD type, const void* data, size_t size) {
  HKEY made = nullptr;
  RETURN_IF_ERROR(Answer(RegCreateKeyExW(HKEY_LOCAL_MACHINE, ToWide(path).c_str(), 0, nullptr, REG_OPTION_NON_VOLATILE,
                                         KEY_READ | KEY_WRITE | KEY_WOW64_64KEY, nullptr, &made, nullptr),
                         "making the registry key", path));
  const UniqueKey key(made);
  RETURN_IF_ERROR(Answer(RegSetValueExW(key.get(), ToWide(name).c_str(), 0, type, static_cast<const BYTE*>(data),
                                        static_cast<DWORD>(size)),
                         "writing the registry key", path));
  return Answer(RegFlushKey(key.get()), "writing the registry key", path);
}

}  // namespace

absl::Status SetMachineText(const std::string& key, absl::string_view name, absl::string_view text) {
  const std::wstring wide = ToWide(text);
  return Set(key, name, REG_SZ, wide.c_str(), (wide.size() + 1) * sizeof(wchar_t));
}

absl::Status SetMachineNumber(const std::string& key, absl::string_view name, uint32_t number) {
  return Set(key, name, REG_DWORD, &number, sizeof(number));
}

absl::Status RemoveMachineValue(const std::string& path, absl::string_view name) {
  HKEY opened = nullptr;
  const LSTATUS error =
      RegOpenKeyExW(HKEY_LOCAL_MACHINE, ToWide(path).c_str(), 0, KEY_READ | KEY_WRITE | KEY_WOW64_64KEY, &opened);
  if (error == ERROR_FILE_NOT_FOUND) return absl::OkStatus();
  RETURN_IF_ERROR(Answer(error, "opening the registry key", path));
  UniqueKey key(opened);
  const LSTATUS removed = RegDeleteValueW(key.get(), ToWide(name).c_str());
  if (removed != ERROR_FILE_NOT_FOUND) RETURN_IF_ERROR(Answer(removed, "writing the registry key", path));
  RETURN_IF_ERROR(Answer(RegFlushKey(key.get()), "writing the registry key", path));
  DWORD keys = 0, values = 0;
  RETURN_IF_ERROR(Answer(RegQueryInfoKeyW(key.get(), nullptr, nullptr, nullptr, &keys, nullptr, nullptr, &values,
                                          nullptr, nullptr, nullptr, nullptr),
                         "looking at the registry key", path));
  key.reset();
  if (keys != 0 || values != 0) return absl::OkStatus();
  const LSTATUS gone = RegDeleteKeyExW(HKEY_LOCAL_MACHINE, ToWide(path).c_str(), KEY_WOW64_64KEY, 0);
  return gone == ERROR_FILE_NOT_FOUND ? absl::OkStatus() : Answer(gone, "removing the registry key", path);
}

}  // namespace paddock::machine
