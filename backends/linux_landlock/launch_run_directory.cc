#include "backends/linux_landlock/launch_run_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/home_caches.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

bool IsLinked(const RunDirectoryPlan& plan, const std::string& name) {
  if (IsCacheOfHome(name)) return false;
  const std::string path = JoinPath(plan.home_links, name);
  return std::find(plan.hidden.begin(), plan.hidden.end(), path) == plan.hidden.end();
}

absl::Status MakeHome(const RunDirectoryPlan& plan, const std::string& home) {
  if (mkdir(home.c_str(), 0700) != 0) return StateError("cannot make the directory", home, errno);
  if (plan.home_links.empty()) return absl::OkStatus();
  const UniqueFd outside(open(plan.home_links.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd inside(open(home.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!outside.valid()) return absl::OkStatus();  // an account without a home directory
  for (const std::string& name : NamesIn(outside.get()).value_or(std::vector<std::string>())) {
    if (!IsLinked(plan, name)) continue;
    const std::string target = JoinPath(plan.home_links, name);
    if (symlinkat(target.c_str(), inside.get(), name.c_str()) != 0) {
      return StateError("cannot make the link", JoinPath(home, name), errno);
    }
  }
  return absl::OkStatus();
}

void SetVariable(std::vector<std::string>& environment, absl::string_view name, const std::string& value) {
  const std::string prefix = absl::StrCat(name, "=");
  environment.erase(std::remove_if(environment.begin(), environment.end(),
                                   [&](const std::string& variable) { return absl::StartsWith(variable, prefix); }),
                    environment.end());
  environment.push_back(prefix + value);
  std::sort(environment.begin(), environment.end());
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LinuxPlan>> UseRunDirectory(const LinuxPlan& plan, const RunDirectory& directory) {
  auto filled = std::make_shared<LinuxPlan>(plan);
  filled->landlock.push_back({directory.path(), LandlockGrant::kReadWrite});
  if (plan.run_directory.tmp) {
    const std::string tmp = absl::StrCat(directory.path(), "/tmp");
    if (mkdir(tmp.c_str(), 0700) != 0) return StateError("cannot make the directory", tmp, errno);
    SetVariable(filled->environment, "TMPDIR", tmp);
  }
  if (plan.run_directory.home) {
    const std::string home = absl::StrCat(directory.path(), "/home");
    RETURN_IF_ERROR(MakeHome(plan.run_directory, home));
    SetVariable(filled->environment, "HOME", home);
  }
  return std::shared_ptr<const LinuxPlan>(std::move(filled));
}

}  // namespace paddock
