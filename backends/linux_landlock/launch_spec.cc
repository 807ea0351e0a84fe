#include "backends/linux_landlock/launch_spec.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backends/linux_landlock/landlock_rights.h"
#include "backends/linux_landlock/seccomp_program.h"

namespace paddock {
namespace {

// After its first wrap a pid namespace gives out numbers from 300 on (RESERVED_PIDS, kernel/pid.c), so that many of the
// range do not count; the kernel takes no pid_max below 301.
constexpr uint64_t kReservedPids = 300;

constexpr char kDefaultPath[] = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

char* Mutable(const std::string& text) { return const_cast<char*>(text.c_str()); }

}  // namespace

std::vector<std::string> ExecutableCandidates(const std::string& command, const std::vector<std::string>& environment) {
  if (absl::StrContains(command, "/")) return {command};
  absl::string_view path = kDefaultPath;
  for (const std::string& variable : environment) {
    if (absl::StartsWith(variable, "PATH=")) path = absl::string_view(variable).substr(5);
  }
  std::vector<std::string> candidates;
  for (const absl::string_view directory : absl::StrSplit(path, ':')) {
    candidates.push_back(directory.empty() ? absl::StrCat("./", command) : absl::StrCat(directory, "/", command));
  }
  return candidates;
}

PreparedLaunch::PreparedLaunch(std::shared_ptr<const LinuxPlan> plan) : plan_(std::move(plan)) {
  uid_map_ = absl::StrCat(plan_->uid, " ", plan_->uid, " 1\n");
  gid_map_ = absl::StrCat(plan_->gid, " ", plan_->gid, " 1\n");
  spec_.uid_map = uid_map_.c_str();
  spec_.gid_map = gid_map_.c_str();
  spec_.tier = plan_->tier;
  spec_.launcher_pid = plan_->tier == LinuxTier::kLandlock ? getpid() : 0;
  spec_.own_network = plan_->network_namespace;
  spec_.own_binfmt = plan_->own_binfmt;
  spec_.minimal_root = plan_->minimal_root;
  const SeccompProgram program = BaselineProgram({.root_caller = plan_->seccomp_root_caller,
                                                  .allow_perf = plan_->seccomp_allow_perf,
                                                  .host_namespaces = plan_->tier == LinuxTier::kLandlock,
                                                  .network_off = plan_->network_filtered});
  seccomp_ = {program.length, const_cast<sock_filter*>(program.instructions)};
  spec_.seccomp = &seccomp_;
  PrepareMounts();
  PrepareLandlock();
  PrepareLimits();
  PrepareCommand();
}

void PreparedLaunch::PrepareMounts() {
  scratch_names_.reserve(plan_->mounts.size());
  for (const MountStep& step : plan_->mounts) {
    scratch_names_.push_back(absl::StrCat("private", scratch_names_.size()));
    ChildMount mount = {};
    mount.op = step.op;
    mount.target = step.target.c_str();
    mount.source = step.source.c_str();
    mount.scratch_name = scratch_names_.back().c_str();
    mount.directory = step.directory;
    mount.writable = step.writable;
    mount.sticky = step.sticky;
    mount.optional = step.optional;
    mount.identity = step.identity;
    mount.tree = -1;
    mounts_.push_back(mount);
  }
  spec_.mounts = mounts_.data();
  spec_.mount_count = mounts_.size();
  std::set<absl::string_view> placeholders;
  for (const Placeholder& placeholder : plan_->placeholders) placeholders.insert(placeholder.path);
  const auto first = std::find_if(plan_->mounts.begin(), plan_->mounts.end(),
                                  [&](const MountStep& step) { return placeholders.contains(step.target); });
  spec_.mounts_before_placeholders = static_cast<size_t>(first - plan_->mounts.begin());
}

void PreparedLaunch::PrepareLandlock() {
  const int abi = std::min(plan_->landlock_abi, kNewestLandlockAbi);
  if (abi < 1) return;
  spec_.landlock_fs = LandlockHandledFs(abi);
  spec_.landlock_scopes = LandlockScopes(abi);
  spec_.landlock_net = plan_->network_filtered ? LandlockHandledNet(abi) : 0;
  std::vector<uint64_t> grants;
  for (const LandlockRule& rule : plan_->landlock) {
    for (RulePath& path : ExpandRule(rule)) {
      rule_paths_.push_back(std::move(path));
      grants.push_back(LandlockAllowed(rule.grant, abi));
    }
  }
  for (size_t i = 0; i < rule_paths_.size(); ++i) {
    const RulePath& path = rule_paths_[i];
    landlock_.push_back({path.path.c_str(), path.directory ? grants[i] : LandlockFileRights(grants[i]), path.optional});
  }
  spec_.landlock_rules = landlock_.data();
  spec_.landlock_rule_count = landlock_.size();
}

void PreparedLaunch::PrepareLimits() {
  const LimitsPolicy& limits = plan_->limits;
  const ProcessLimits& how = plan_->process_limits;
  // 1 and not 0: with a pipe in core_pattern the host's handler would run for 0, and does not for 1 (fs/coredump.c).
  rlimits_.push_back({RLIMIT_CORE, 1, 1});
  if (limits.processes && how.rlimit_nproc) rlimits_.push_back({RLIMIT_NPROC, *limits.processes, *limits.processes});
  if (limits.memory && how.rlimit_data) rlimits_.push_back({RLIMIT_DATA, *limits.memory, *limits.memory});
  if (limits.file_size) rlimits_.push_back({RLIMIT_FSIZE, *limits.file_size, *limits.file_size});
  if (limits.cpu && how.rlimit_cpu) {
    // SIGXCPU, by which the outcome is told, and a second later SIGKILL.
    const auto seconds = static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(*limits.cpu).count());
    rlimits_.push_back({RLIMIT_CPU, std::max<rlim_t>(seconds, 1), std::max<rlim_t>(seconds, 1) + 1});
  }
  spec_.rlimits = rlimits_.data();
  spec_.rlimit_count = rlimits_.size();
  if (limits.processes && how.namespace_pid_max) {
    pid_max_ = absl::StrCat(std::max<uint64_t>(*limits.processes, 1) + kReservedPids);
    spec_.pid_max = pid_max_.c_str();
  }
  if (limits.memory) {
    scratch_size_ = absl::StrCat(*limits.memory);
    spec_.scratch_size = scratch_size_.c_str();
  }
}

void PreparedLaunch::PrepareCommand() {
  executables_ = ExecutableCandidates(plan_->command[0], plan_->environment);
  for (const std::string& path : executables_) executable_pointers_.push_back(path.c_str());
  executable_pointers_.push_back(nullptr);
  for (const std::string& argument : plan_->command) argv_.push_back(Mutable(argument));
  argv_.push_back(nullptr);
  static const std::string kShell = "/bin/sh";
  shell_argv_ = {Mutable(kShell), nullptr};
  shell_argv_.insert(shell_argv_.end(), argv_.begin() + 1, argv_.end());
  for (const std::string& variable : plan_->environment) envp_.push_back(Mutable(variable));
  envp_.push_back(nullptr);
  spec_.executables = executable_pointers_.data();
  spec_.argv = argv_.data();
  spec_.shell_argv = shell_argv_.data();
  spec_.envp = envp_.data();
  spec_.cwd = plan_->cwd.c_str();
}

}  // namespace paddock
