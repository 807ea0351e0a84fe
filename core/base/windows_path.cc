#include "core/base/windows_path.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

bool IsSeparator(char byte) { return byte == '\\' || byte == '/'; }

bool HasDrive(absl::string_view path) {
  return path.size() >= 3 && absl::ascii_isalpha(static_cast<unsigned char>(path[0])) && path[1] == ':' &&
         IsSeparator(path[2]);
}

std::vector<absl::string_view> Split(absl::string_view path) {
  std::vector<absl::string_view> components;
  size_t begin = 0;
  for (size_t i = 0; i <= path.size(); ++i) {
    if (i < path.size() && !IsSeparator(path[i])) continue;
    if (i > begin) components.push_back(path.substr(begin, i - begin));
    begin = i + 1;
  }
  return components;
}

bool IsUnc(absl::string_view path) {
  if (path.size() < 3 || !IsSeparator(path[0]) || !IsSeparator(path[1]) || IsSeparator(path[2])) return false;
  const auto components = Split(path);
  return components.size() >= 2 && components[0] != "?" && components[0] != ".";
}

}  // namespace

bool IsAbsoluteWindowsPath(absl::string_view path) { return HasDrive(path) || IsUnc(path); }

std::string NormalizeWindowsPath(absl::string_view path) {
  std::vector<absl::string_view> components = Split(path);
  const size_t fixed = HasDrive(path) ? 1 : 2;  // the drive, or server and share, which ".." cannot leave
  std::vector<absl::string_view> kept;
  for (const absl::string_view component : components) {
    if (kept.size() >= fixed && component == ".") continue;
    if (kept.size() >= fixed && component == "..") {
      if (kept.size() > fixed) kept.pop_back();
      continue;
    }
    kept.push_back(component);
  }
  std::string normal = fixed == 1 ? absl::AsciiStrToUpper(kept[0]) : absl::StrCat("\\\\", kept[0]);
  for (size_t i = 1; i < kept.size(); ++i) absl::StrAppend(&normal, "\\", kept[i]);
  if (kept.size() == 1) normal += '\\';
  return normal;
}

std::string JoinWindowsPath(absl::string_view base, absl::string_view path) {
  if (IsAbsoluteWindowsPath(path)) return NormalizeWindowsPath(path);
  return NormalizeWindowsPath(absl::StrCat(base, "\\", path));
}

bool WindowsPathIsWithin(absl::string_view path, absl::string_view root) {
  if (absl::EqualsIgnoreCase(path, root)) return true;
  if (!absl::StartsWithIgnoreCase(path, root)) return false;
  return root.back() == '\\' || path[root.size()] == '\\';
}

bool IsWindowsRoot(absl::string_view path) {
  return IsAbsoluteWindowsPath(path) && Split(path).size() == (HasDrive(path) ? 1u : 2u);
}

}  // namespace paddock
