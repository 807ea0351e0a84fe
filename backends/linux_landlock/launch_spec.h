#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SPEC_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SPEC_H_

#include <linux/filter.h>

#include <memory>
#include <string>
#include <vector>

#include "backends/linux_landlock/launch_child.h"
#include "backends/linux_landlock/launch_rights.h"
#include "backends/linux_landlock/linux_plan.h"

namespace paddock {

// A plan in the form that the child can use without allocating. The ChildSpec points into this object, and into the
// plan.
class PreparedLaunch {
 public:
  explicit PreparedLaunch(std::shared_ptr<const LinuxPlan> plan);
  PreparedLaunch(const PreparedLaunch&) = delete;
  PreparedLaunch& operator=(const PreparedLaunch&) = delete;

  ChildSpec& spec() { return spec_; }
  const LinuxPlan& plan() const { return *plan_; }

 private:
  void PrepareMounts();
  void PrepareLandlock();
  void PrepareLimits();
  void PrepareCommand();

  std::shared_ptr<const LinuxPlan> plan_;
  ChildSpec spec_ = {};
  std::string uid_map_, gid_map_, pid_max_, scratch_size_;
  std::vector<std::string> scratch_names_, executables_;
  std::vector<RulePath> rule_paths_;
  std::vector<ChildMount> mounts_;
  std::vector<ChildLandlockRule> landlock_;
  std::vector<ChildRlimit> rlimits_;
  std::vector<const char*> executable_pointers_;
  std::vector<char*> argv_, shell_argv_, envp_;
  sock_fprog seccomp_ = {};
};

// The files that execve is tried on for `command`, in order: the command itself if it holds a slash, else one for each
// entry of PATH (an empty entry means the working directory, as in execvp(3)).
std::vector<std::string> ExecutableCandidates(const std::string& command, const std::vector<std::string>& environment);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SPEC_H_
