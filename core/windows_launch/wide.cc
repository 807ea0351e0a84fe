#include "core/windows_launch/wide.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

absl::StatusOr<std::wstring> WideText(absl::string_view text) {
  if (text.find('\0') != absl::string_view::npos) return absl::InvalidArgumentError("a text holds a NUL");
  ASSIGN_OR_RETURN(const std::u16string units, Utf8ToUtf16(text));
  return std::wstring(units.begin(), units.end());
}

absl::StatusOr<std::wstring> WidePath(absl::string_view path) {
  const auto parsed = WindowsPath::Parse(path);
  if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat(path, " ", parsed.status().message()));
  const auto verbatim = parsed->IsVerbatim() ? parsed->ToString() : parsed->ToVerbatim();
  if (!verbatim.ok()) return absl::InvalidArgumentError(absl::StrCat(path, " ", verbatim.status().message()));
  return WideText(*verbatim);
}

absl::StatusOr<std::wstring> EnvironmentBlock(const std::vector<std::string>& environment) {
  std::vector<std::wstring> entries;
  for (const std::string& entry : environment) {
    ASSIGN_OR_RETURN(std::wstring wide, WideText(entry));
    if (wide.find(L'=', 1) == std::wstring::npos) {
      return absl::InvalidArgumentError(absl::StrCat("the plan's environment has an entry without a name: ", entry));
    }
    entries.push_back(std::move(wide));
  }
  const auto name_length = [](const std::wstring& entry) { return static_cast<int>(entry.find(L'=', 1)); };
  std::stable_sort(entries.begin(), entries.end(), [&](const std::wstring& a, const std::wstring& b) {
    return CompareStringOrdinal(a.c_str(), name_length(a), b.c_str(), name_length(b), TRUE) == CSTR_LESS_THAN;
  });
  std::wstring block;
  for (const std::wstring& entry : entries) block += entry + L'\0';
  if (block.empty()) block += L'\0';
  return block + L'\0';
}

}  // namespace paddock
