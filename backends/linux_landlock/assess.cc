#include "backends/linux_landlock/assess.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/landlock_rights.h"
#include "core/backend/assessment_builder.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

// ABI numbers of linux/landlock.h (Documentation/userspace-api/landlock.rst).
constexpr int kTruncateAbi = 3;     // Linux 6.2
constexpr int kUnixSocketsAbi = 9;  // pathname unix sockets

bool IsWritable(absl::string_view path, const Request& request) {
  return std::any_of(request.write.begin(), request.write.end(),
                     [path](const PathRule& grant) { return !grant.glob && PathIsWithin(path, grant.path); });
}

// What the probe did not look at counts as absent, and so does a placeholder that an earlier run left.
bool IsAbsent(const std::string& path, const Facts& facts) {
  const auto looked_at = facts.workspace.paths.find(path);
  if (looked_at == facts.workspace.paths.end() || looked_at->second.type == PathType::kAbsent) return true;
  return std::any_of(facts.leases.leases.begin(), facts.leases.leases.end(),
                     [&path](const Lease& lease) { return lease.kind == "placeholder" && lease.path == path; });
}

// Hooks can be made where there are none, and git follows `commondir` out of a git directory: both names are held.
bool NeedsGitPlaceholder(const std::string& git_dir, const Request& request, const Facts& facts) {
  return IsWritable(git_dir, request) &&
         (IsAbsent(absl::StrCat(git_dir, "/hooks"), facts) || IsAbsent(absl::StrCat(git_dir, "/commondir"), facts));
}

bool NeedsGitPlaceholders(const RepositoryFacts& repository, const Request& request, const Facts& facts) {
  if (repository.well_formed.no()) return false;
  return NeedsGitPlaceholder(repository.common_dir, request, facts) ||
         std::any_of(repository.modules.begin(), repository.modules.end(),
                     [&](const std::string& module) { return NeedsGitPlaceholder(module, request, facts); });
}

// A protected name that does not exist has to be made for the run, or the command could make it. An empty workspace
// gets nothing (`git clone URL .` has to work): it is checked after the run instead.
bool NeedsPlaceholders(const Request& request, const Facts& facts) {
  const bool empty = facts.workspace.empty.yes();
  const auto absent_name = [&](const PathRule& rule) {
    if (empty && PathIsWithin(rule.path, request.workspace)) return false;
    return !rule.glob && IsWritable(rule.path, request) && IsAbsent(rule.path, facts);
  };
  const auto& repositories = facts.workspace.repositories;
  return std::any_of(request.deny_write.begin(), request.deny_write.end(), absent_name) ||
         std::any_of(request.read_only.begin(), request.read_only.end(), absent_name) ||
         std::any_of(repositories.begin(), repositories.end(), [&](const RepositoryFacts& repository) {
           return NeedsGitPlaceholders(repository, request, facts);
         });
}

// Where no mount can give a run its own TMPDIR and HOME, they are directories of the host.
bool NeedsRunDirectory(const Request& request) {
  const FilesystemPolicy& filesystem = request.policy.filesystem;
  return filesystem.tmp == TmpMode::kPrivate || filesystem.home != HomeMode::kReadOnly ||
         filesystem.read == ReadMode::kMinimal;
}

// True if something that deny_read names lies inside a writable grant, by any of its names.
bool DeniesInsideGrant(const Request& request, const Facts& facts) {
  const auto& paths = facts.workspace.paths;
  const auto real = [&](const std::string& path) {
    const auto found = paths.find(path);
    return found == paths.end() || found->second.real_path.empty() ? path : found->second.real_path;
  };
  std::vector<std::string> grants = {facts.workspace.root.real_path};
  if (request.policy.filesystem.tmp == TmpMode::kHost) grants.insert(grants.end(), {"/tmp", "/var/tmp", "/dev/shm"});
  for (const PathRule& grant : request.write) {
    grants.push_back(grant.path);
    grants.push_back(real(grant.path));
  }
  // A linked worktree's repository is granted with it.
  for (const RepositoryFacts& repository : facts.workspace.repositories) grants.push_back(repository.common_dir);
  const auto inside = [&](const std::string& path) {
    return std::any_of(grants.begin(), grants.end(),
                       [&](const std::string& grant) { return !grant.empty() && PathIsWithin(path, grant); });
  };
  const auto exposed = [&](const std::string& path) {
    const auto found = paths.find(path);
    if (found != paths.end() && found->second.type == PathType::kAbsent) return false;
    if (inside(path) || inside(real(path))) return true;
    const auto aliases = facts.workspace.aliases.find(real(path));
    return aliases != facts.workspace.aliases.end() &&
           std::any_of(aliases->second.begin(), aliases->second.end(), inside);
  };
  return std::any_of(request.deny_read.begin(), request.deny_read.end(), [&](const PathRule& rule) {
    if (!rule.glob) return paths.contains(rule.path) && exposed(rule.path);
    const auto matches = facts.workspace.globs.find(rule.path);
    return matches != facts.workspace.globs.end() &&
           std::any_of(matches->second.begin(), matches->second.end(), exposed);
  });
}

bool HasGlob(const std::vector<PathRule>& rules) {
  return std::any_of(rules.begin(), rules.end(), [](const PathRule& rule) { return rule.glob; });
}

void CheckHost(absl::string_view tier, const LinuxFacts& host, AssessmentBuilder& builder) {
  if (host.wsl_version.value == 1) builder.Block("wsl1_only", "this is WSL1, which has no Linux kernel");
  if (host.seccomp.no()) builder.Block("seccomp_absent", "the kernel cannot filter system calls");

  if (tier == kNamespacesTier && host.user_namespaces.no()) {
    builder.Block("userns_denied",
                  absl::StrCat("this process may not create user namespaces (", host.user_namespaces.source, ")"));
  }
  // Every grant and every read-only tree of the view is made by it.
  if (tier == kNamespacesTier && host.mount_setattr.no()) {
    builder.Block("mount_setattr_absent",
                  absl::StrCat("mounted trees cannot be made read-only as a whole (", host.mount_setattr.source, ")"));
  }
  if (tier == kBubblewrapTier) {
    if (host.bubblewrap.path.empty()) {
      builder.Block("bubblewrap_absent", "no bubblewrap found");
    } else if (!host.bubblewrap.trusted.yes()) {
      builder.Block("bubblewrap_untrusted", absl::StrCat(host.bubblewrap.path, " is not known to be root's alone"));
    } else if (host.user_namespaces_via_bubblewrap.no()) {
      builder.Block("userns_denied", "bubblewrap may not create user namespaces either");
    }
  }
  if (tier == kLandlockTier) {
    if (UsedLandlockAbi(host) < 1) {
      builder.Block("landlock_absent", host.landlock_abi.known()
                                           ? "the kernel offers no Landlock"
                                           : "it is not known whether the kernel offers Landlock");
    } else if (host.wsl_version.value == 2 && UsedLandlockAbi(host) < kUnixSocketsAbi) {
      builder.Block("wsl_interop_reachable",
                    "this is WSL2: without namespaces the sockets of Windows interop are in reach");
    }
  }
}

Level WriteLevel(absl::string_view tier, const LinuxFacts& host, AssessmentBuilder& builder) {
  if (tier != kLandlockTier) return write_level::kConfined;
  builder.AddRisk(
      "metadata_changes_outside",
      "chmod, chown, utime and extended attributes of the caller's files outside: Landlock never covers them");
  if (UsedLandlockAbi(host) >= kTruncateAbi) return write_level::kConfined;
  builder.WeakenedBy("landlock_abi_old", "Landlock before ABI 3 does not stop truncation of files outside the grants");
  return write_level::kModifyScoped;
}

Level ReadLevel(absl::string_view tier, const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  const bool globs = HasGlob(request.deny_read);
  if (globs) {
    builder.AddRisk("later_matches_readable",
                    "files that come to match a glob of deny_read during the run are not masked");
  }
  if (globs && !facts.workspace.scan_complete) {
    builder.WeakenedBy("scan_incomplete", "not every file that matches deny_read was found");
    return read_level::kNone;
  }
  if (tier == kLandlockTier && DeniesInsideGrant(request, facts)) {
    builder.WeakenedBy(
        "deny_read_inside_grant",
        "a file that deny_read names lies in a writable grant, in which Landlock alone can hide nothing");
    return read_level::kNone;
  }
  return request.policy.filesystem.read == ReadMode::kMinimal ? read_level::kAllowlisted : read_level::kMasked;
}

Level NetworkLevel(const Request& request) {
  return request.policy.network.mode == NetworkMode::kOff ? network_level::kOff : network_level::kOpen;
}

Level ProcessLevel(absl::string_view tier, const LinuxFacts& host, AssessmentBuilder& builder) {
  if (tier == kLandlockTier) {
    builder.AddRisk("processes_visible", "processes outside can be seen, and signalled unless Landlock scopes signals");
    return process_level::kShared;
  }
  if (host.fresh_proc.yes()) return process_level::kIsolated;
  builder.AddRisk("outer_proc_visible", "the outer /proc stays: it shows processes outside, their arguments among it");
  builder.WeakenedBy("fresh_proc_denied",
                     host.fresh_proc.no() ? absl::StrCat("no new /proc may be mounted (", host.fresh_proc.source, ")")
                                          : "it is not known whether a new /proc may be mounted");
  return process_level::kShared;
}

bool GrantsDisplaySocket(const Request& request) {
  return std::any_of(request.unix_sockets.begin(), request.unix_sockets.end(), [](const PathRule& socket) {
    return absl::StrContains(socket.path, "/.X11-unix/") || absl::StrContains(socket.path, "/wayland-");
  });
}

// X's and Wayland's sockets are hidden by the private /tmp and runtime directory. X listens on an abstract socket too,
// which belongs to the network namespace: with the host's network, only Landlock's scope hides it.
Level UiLevel(absl::string_view tier, const Request& request, const LinuxFacts& host, AssessmentBuilder& builder) {
  if (tier == kLandlockTier) {
    if (UsedLandlockAbi(host) < kLandlockScopesSince) {
      builder.AddRisk("abstract_sockets", "abstract unix sockets of the host, X's among them, can be connected");
    }
    return ui_level::kShared;
  }
  if (request.policy.filesystem.tmp == TmpMode::kHost || GrantsDisplaySocket(request)) return ui_level::kShared;
  if (request.policy.network.mode == NetworkMode::kOff) return ui_level::kPrivateDesktop;
  if (UsedLandlockAbi(host) >= kLandlockScopesSince) return ui_level::kPrivateDesktop;
  builder.WeakenedBy("landlock_abi_old", "with an open network, Landlock before ABI 6 does not hide abstract sockets");
  builder.AddRisk("abstract_sockets", "abstract unix sockets of the host, X's among them, can be connected");
  return ui_level::kShared;
}

// Namespaces and resource limits bound each process; the sum over the tree takes a cgroup of its own. Processor time is
// limited for each process in any case.
Level LimitsLevel(const Request& request, const LinuxFacts& host, AssessmentBuilder& builder) {
  const bool has_cgroup = CgroupHas("memory", host) && CgroupHas("pids", host);
  if (!has_cgroup) {
    builder.WeakenedBy("cgroup_not_delegated", "without a cgroup of its own, memory is limited for each process alone");
  }
  return has_cgroup && !request.policy.limits.cpu ? limits_level::kTree : limits_level::kPerProcess;
}

Level TreeLevel(absl::string_view tier, const LinuxFacts& host, AssessmentBuilder& builder) {
  if (tier != kLandlockTier) return tree_level::kContained;
  // Before, the command may end whoever would end its cgroup.
  const bool scoped = UsedLandlockAbi(host) >= kLandlockScopesSince;
  if (host.cgroup_delegated.yes() && scoped) return tree_level::kContained;
  if (host.cgroup_delegated.yes()) {
    builder.WeakenedBy("landlock_abi_old",
                       "before Landlock ABI 6 a command may end the processes that would end its tree");
    return tree_level::kInherited;
  }
  builder.WeakenedBy("cgroup_not_delegated", "without a cgroup of its own the tree cannot be ended for certain");
  return tree_level::kInherited;
}

Level HostChangeLevel(absl::string_view tier, const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  if (request.policy.filesystem.home == HomeMode::kKept && tier == kNamespacesTier) {
    builder.WeakenedBy("kept_home_layer", "what the command writes below the home directory is kept in a layer");
    return host_change_level::kRecorded;
  }
  const bool cgroup = !CgroupOf(tier, request, facts.host.linux_host).parent.empty();
  const bool files = tier == kLandlockTier ? NeedsRunDirectory(request) : NeedsPlaceholders(request, facts);
  return cgroup || files ? host_change_level::kLeased : host_change_level::kNone;
}

void AddCommonRisks(absl::string_view tier, const Request& request, const Facts& facts, AssessmentBuilder& builder) {
  if (tier == kBubblewrapTier && facts.host.linux_host.uid == 0) {
    builder.AddRisk("device_modes",
                    "root can change the modes of the host's device nodes, which bubblewrap shows writable");
  }
  if (tier == kLandlockTier && !request.deny_read.empty()) {
    builder.AddRisk(
        "hidden_files_show_metadata",
        "names, sizes and times of hidden files, and when they are used: Landlock covers neither stat nor inotify");
  }
  if (tier == kLandlockTier && !request.deny_write.empty()) {
    builder.AddRisk("deny_write_not_held",
                    "Landlock alone cannot say read-only inside writable: deny_write is not held, "
                    "and checked after the run");
  }
  if (tier == kLandlockTier && UsedLandlockAbi(facts.host.linux_host) < kUnixSocketsAbi) {
    builder.AddRisk("host_unix_sockets", "unix sockets of the host can be connected where their permissions allow it");
  }
  if (!request.unix_sockets.empty()) {
    builder.AddRisk("granted_unix_sockets", "whoever listens on a granted socket acts outside the sandbox");
  }
  if (facts.workspace.location == WorkspaceLocation::kDrvfs) {
    builder.AddRisk("drvfs_windows_rights", "permissions of files below /mnt are those of the Windows user");
    builder.AddRisk("drvfs_name_match",
                    "the volume ignores case: protection by name is approximated, and checked after the run");
  }
  if (facts.workspace.location == WorkspaceLocation::kNetworkFilesystem) {
    builder.AddRisk("network_workspace", "other machines may change the workspace behind the protected names");
  }
}

void MeetConditions(absl::string_view tier, AssessmentBuilder& builder) {
  builder.Meet(Condition::kOpenBinaries, Meets::kYes, "any binary");
  builder.Meet(Condition::kHostWorkspace, Meets::kYes, "the live checkout");
  builder.Meet(Condition::kNoAdmin, Meets::kYes, "set-up and launch as an ordinary user");
  builder.Meet(Condition::kTree, Meets::kYes,
               tier == kLandlockTier ? "children inherit Landlock and seccomp"
                                     : "children inherit namespaces, Landlock and seccomp");
}

}  // namespace

bool CgroupHas(absl::string_view controller, const LinuxFacts& host) {
  const auto& all = host.cgroup_controllers;
  return host.cgroup_delegated.yes() && std::find(all.begin(), all.end(), controller) != all.end();
}

CgroupPlan CgroupOf(absl::string_view tier, const Request& request, const LinuxFacts& host) {
  CgroupPlan plan;
  plan.memory = request.policy.limits.memory.has_value() && CgroupHas("memory", host);
  plan.processes = request.policy.limits.processes.has_value() && CgroupHas("pids", host);
  plan.ends_tree = tier == kLandlockTier && host.cgroup_delegated.yes();
  if (plan.memory || plan.processes || plan.ends_tree) plan.parent = host.cgroup_path;
  return plan;
}

Assessment AssessLinuxLandlock(absl::string_view tier, const Request& request, const Facts& facts) {
  const LinuxFacts& host = facts.host.linux_host;
  AssessmentBuilder builder(request, facts);
  MeetConditions(tier, builder);
  if (!builder.RequireHost(OsFamily::kLinux)) return std::move(builder).Take();

  if (request.policy.workload != Workload::kCoding) {
    builder.Block("workload_unsupported_on_host", "on Linux only the workload coding has a sandbox");
    return std::move(builder).Take();
  }
  CheckHost(tier, host, builder);
  builder.CheckWorkspace();
  builder.CheckWorkingDirectory();
  builder.CheckBroker();

  builder.Reach(Guarantee::kWrite, WriteLevel(tier, host, builder));
  builder.Reach(Guarantee::kRead, ReadLevel(tier, request, facts, builder));
  builder.Reach(Guarantee::kNetwork, NetworkLevel(request));
  builder.Reach(Guarantee::kTree, TreeLevel(tier, host, builder));
  builder.Reach(Guarantee::kProcess, ProcessLevel(tier, host, builder));
  builder.Reach(Guarantee::kUi, UiLevel(tier, request, host, builder));
  builder.Reach(Guarantee::kLimits, LimitsLevel(request, host, builder));
  builder.Reach(Guarantee::kWorkspace, request.workspace.empty() ? workspace_level::kNone : workspace_level::kLive);
  builder.Reach(Guarantee::kHostChange, HostChangeLevel(tier, request, facts, builder));
  AddCommonRisks(tier, request, facts, builder);
  return std::move(builder).Take();
}

}  // namespace paddock
