#include "core/platform/windows/wide.h"

#include "core/platform/windows/windows_api.h"

namespace paddock {

// Both functions count in int. What is longer than that is no path, variable or argument of Windows.

std::string ToUtf8(std::wstring_view text) {
  if (text.empty() || text.size() > 0x1fffffff) return "";
  const int length = static_cast<int>(text.size());
  const int size = WideCharToMultiByte(CP_UTF8, 0, text.data(), length, nullptr, 0, nullptr, nullptr);
  std::string result(static_cast<size_t>(size), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text.data(), length, result.data(), size, nullptr, nullptr);
  return result;
}

std::wstring ToWide(absl::string_view text) {
  if (text.empty() || text.size() > 0x7fffffff) return L"";
  const int length = static_cast<int>(text.size());
  const int size = MultiByteToWideChar(CP_UTF8, 0, text.data(), length, nullptr, 0);
  std::wstring result(static_cast<size_t>(size), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), length, result.data(), size);
  return result;
}

}  // namespace paddock
