#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_GIT_FILES_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_GIT_FILES_H_

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "core/host/git_repository.h"

namespace paddock {

// Paths on shares and in distributions outside of the workspace are not looked at: a look would send the user's
// credentials to a server, or start a distribution. A path that leads through the workspace and whose final path
// differs from it by more than case counts as a link: a junction does that, and so does a short name.
class WindowsGitFiles : public GitFiles {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // A walk that is not done at `until` is not done.
  WindowsGitFiles(std::string workspace, Time until) : workspace_(std::move(workspace)), until_(until) {}

  char separator() const override { return '\\'; }
  std::string PathFrom(const std::string& directory, absl::string_view text) const override;
  std::string Normal(const std::string& path) const override;
  bool Same(absl::string_view a, absl::string_view b) const override;
  bool IsWithin(const std::string& path, const std::string& directory) const override;

  bool MayLook(const std::string& path) const override;
  PathType TypeOf(const std::string& path) const override;
  std::string RealPath(const std::string& path) const override;
  std::string LinkOnTheWay(const std::string& path, const std::string& workspace) const override;
  std::optional<std::string> Read(const std::string& path, size_t most, bool follow) const override;
  bool Walk(const std::string& directory, uint64_t most, absl::FunctionRef<bool(const Entry&)> visit) const override;

 private:
  const std::string workspace_;
  const Time until_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_GIT_FILES_H_
