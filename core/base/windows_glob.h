#ifndef PADDOCK_CORE_BASE_WINDOWS_GLOB_H_
#define PADDOCK_CORE_BASE_WINDOWS_GLOB_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/glob.h"

namespace paddock {

// The patterns of glob.h over absolute Windows paths: "C:\ws\**\.env". Letters of ASCII match in any case, as Windows
// compares names; others as they are written.
class WindowsGlob {
 public:
  // InvalidArgument as Glob::Compile, and for a pattern that is no absolute Windows path.
  static absl::StatusOr<WindowsGlob> Compile(absl::string_view pattern);

  // `path` is absolute and canonical (windows_path.h), on a drive or a share.
  bool Matches(absl::string_view path) const { return glob_.Matches(Folded(path)); }

  // As Glob::MayMatchBelow.
  bool MayMatchBelow(absl::string_view directory) const { return glob_.MayMatchBelow(Folded(directory)); }

  // The deepest directory that holds every match, where a walk starts, as the pattern spells it: "C:\ws".
  const std::string& start() const { return start_; }

  const std::string& pattern() const { return pattern_; }

 private:
  explicit WindowsGlob(Glob glob) : glob_(std::move(glob)) {}

  // "/c:/ws" of "C:\ws", "/server/share" of "\\server\share".
  static std::string Folded(absl::string_view path);

  Glob glob_;
  std::string pattern_, start_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_WINDOWS_GLOB_H_
