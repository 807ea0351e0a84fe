#ifndef PADDOCK_CORE_PLATFORM_POSIX_GIT_FILES_H_
#define PADDOCK_CORE_PLATFORM_POSIX_GIT_FILES_H_

#include <optional>
#include <string>

#include "core/host/git_repository.h"

namespace paddock {

// Any path may be looked at: nothing is opened that could block or notice.
class PosixGitFiles : public GitFiles {
 public:
  char separator() const override { return '/'; }
  // Not made normal, since ".." counts from where links lead.
  std::string PathFrom(const std::string& directory, absl::string_view text) const override;
  std::string Normal(const std::string& path) const override;
  bool Same(absl::string_view a, absl::string_view b) const override { return a == b; }
  bool IsWithin(const std::string& path, const std::string& directory) const override;

  bool MayLook(const std::string& path) const override { return !path.empty(); }
  PathType TypeOf(const std::string& path) const override;
  std::string RealPath(const std::string& path) const override;
  std::string LinkOnTheWay(const std::string& path, const std::string& workspace) const override;
  std::optional<std::string> Read(const std::string& path, size_t most, bool follow) const override;
  bool Walk(const std::string& directory, uint64_t most, absl::FunctionRef<bool(const Entry&)> visit) const override;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_GIT_FILES_H_
