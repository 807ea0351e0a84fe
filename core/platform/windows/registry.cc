#include "core/platform/windows/registry.h"

#include "absl/strings/str_cat.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {

absl::StatusOr<RegistryKey> RegistryKey::Open(HKEY root, absl::string_view path) {
  HKEY key = nullptr;
  const LSTATUS error = RegOpenKeyExW(root, ToWide(path).c_str(), 0, KEY_READ | KEY_WOW64_64KEY, &key);
  if (error != ERROR_SUCCESS) {
    return Win32Status(static_cast<uint32_t>(error), absl::StrCat("opening the registry key ", path));
  }
  return RegistryKey(key);
}

std::optional<uint32_t> RegistryKey::Number(absl::string_view name) const {
  DWORD value = 0, size = sizeof(value);
  const LSTATUS error =
      RegGetValueW(key_.get(), nullptr, ToWide(name).c_str(), RRF_RT_REG_DWORD, nullptr, &value, &size);
  return error == ERROR_SUCCESS ? std::optional<uint32_t>(value) : std::nullopt;
}

std::optional<std::string> RegistryKey::Characters(absl::string_view name, DWORD type) const {
  std::wstring buffer(16384, L'\0');
  DWORD size = static_cast<DWORD>(buffer.size() * sizeof(wchar_t));
  // RegGetValue sees to it that the text ends, whatever was written.
  const LSTATUS error = RegGetValueW(key_.get(), nullptr, ToWide(name).c_str(), type, nullptr, buffer.data(), &size);
  if (error != ERROR_SUCCESS) return std::nullopt;
  return ToUtf8(buffer.c_str());
}

std::optional<std::string> RegistryKey::Text(absl::string_view name) const { return Characters(name, RRF_RT_REG_SZ); }

std::optional<std::string> RegistryKey::Unexpanded(absl::string_view name) const {
  return Characters(name, RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND);
}

std::vector<std::string> RegistryKey::Subkeys() const {
  constexpr DWORD kMost = 1000, kLongestName = 256;
  std::vector<std::string> names;
  for (DWORD i = 0; i < kMost; ++i) {
    wchar_t name[kLongestName];
    DWORD length = kLongestName;
    if (RegEnumKeyExW(key_.get(), i, name, &length, nullptr, nullptr, nullptr, nullptr) != ERROR_SUCCESS) break;
    names.push_back(ToUtf8({name, length}));
  }
  return names;
}

}  // namespace paddock
