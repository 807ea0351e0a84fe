#include "core/base/windows_glob.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"

namespace paddock {

std::string WindowsGlob::Folded(absl::string_view path) {
  while (!path.empty() && path.front() == '\\') path.remove_prefix(1);
  while (!path.empty() && path.back() == '\\') path.remove_suffix(1);
  std::string folded = "/";
  for (const char byte : path) {
    folded += byte == '\\' ? '/' : absl::ascii_tolower(static_cast<unsigned char>(byte));
  }
  return folded;
}

absl::StatusOr<WindowsGlob> WindowsGlob::Compile(absl::string_view pattern) {
  if (!LooksLikeWindowsPath(pattern)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", pattern, "\" is no absolute path pattern of Windows"));
  }
  ASSIGN_OR_RETURN(Glob compiled, Glob::Compile(Folded(pattern)));
  WindowsGlob glob(std::move(compiled));
  glob.pattern_ = std::string(pattern);
  // The prefix holds no wildcard; a bracket that quotes one is as long in the pattern as it is written there.
  size_t end = 0;
  for (size_t at = pattern.find_first_not_of('\\'); at < pattern.size(); at = pattern.find('\\', at + 1)) {
    const size_t next = pattern.find('\\', at + 1);
    const absl::string_view component = pattern.substr(at, next == absl::string_view::npos ? next : next - at);
    if (HasGlob(component) || next == absl::string_view::npos) break;
    end = next;
  }
  glob.start_ = UnescapeGlob(pattern.substr(0, end));
  if (glob.start_.size() == 2 && glob.start_[1] == ':') glob.start_ += '\\';
  return glob;
}

}  // namespace paddock
