#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LINUX_PLAN_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LINUX_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/host/facts.h"
#include "core/host/placeholder.h"
#include "core/plan/launch_plan.h"
#include "core/policy/policy.h"

// The plan body of linux_landlock: what the launcher does, in the order in which it does it. Paths are absolute.
// Targets are paths of the sandbox's view; sources are paths of the host's.

namespace paddock {

// A file as planning saw it. The launcher refuses (`path_changed`) when the path leads elsewhere by then.
struct Identity {
  uint64_t device = 0;
  uint64_t inode = 0;  // 0: not checked
  friend bool operator==(const Identity&, const Identity&) = default;
};

// How a sandbox is made, strongest first.
enum class LinuxTier : uint8_t {
  kNamespaces,  // user, mount, pid, ... namespaces of our own
  kBubblewrap,  // the same, made by the bubblewrap that the host's policy lets make them
  kLandlock,    // no namespaces: Landlock and seccomp alone
};
absl::string_view Name(LinuxTier tier);  // "namespaces", "bubblewrap", "landlock"

enum class MountOp : uint8_t {
  kBind,      // the tree at `source` appears at `target`, taken before the host is sealed
  kReadOnly,  // `target` is mounted on itself, read-only; a symbolic link is held in place without being followed
  kPin,       // `target` is mounted on itself, writable: it can no longer be renamed or replaced
  kMask,      // `target` is covered by an empty file or directory that nobody may open
  kCover,     // `target`, a directory, is covered by an empty read-only directory
  kPrivate,   // `target` is covered by an empty writable directory of the run's own, or by one kept in `source`
  kHome,      // `target` gets an overlay: reads come from the host, writes are thrown away, or kept in `source`
  kDev,       // a private /dev
  kProc,      // a procfs of the new pid namespace, its host-wide switches read-only
  kSymlink,   // `target` becomes a link to `source` (minimal root only)
};
absl::string_view Name(MountOp op);

// The nodes of /dev that a command gets.
inline constexpr const char* kDeviceNames[] = {"null", "zero", "full", "tty", "urandom", "random"};

struct MountStep {
  MountOp op = MountOp::kBind;
  std::string target;
  std::string source;                  // kBind, kSymlink; kHome, kPrivate: STATE_DIR/homes/KEY, whose writes are kept
  bool directory = true;               // what `target` is
  bool writable = false;               // kBind
  bool sticky = false;                 // kPrivate: mode 1777 instead of 0700
  bool optional = false;               // left out if `source` (kBind) or `target` is not there any more
  std::optional<int64_t> idmap_owner;  // kBind: this on-disk uid appears as the caller, and the other way round
  Identity identity;                   // kBind: of source; kReadOnly, kPin, kMask: of target
  friend bool operator==(const MountStep&, const MountStep&) = default;
};

// A path that is compared before and after the run.
struct WatchedPath {
  std::string path;
  std::string rule;        // the policy's rule it belongs to; empty: only reported
  std::string why;         // what on the host would execute it
  bool violation = false;  // a change is a violation of `rule`, not only something left behind
  bool deep = false;       // a directory counts as changed if anything below it is
  friend bool operator==(const WatchedPath&, const WatchedPath&) = default;
};

enum class LandlockGrant : uint8_t {
  kRead,       // and execute
  kReadWrite,  // and execute
  kDevices,
  kReadOnly,  // not execute
};
absl::string_view Name(LandlockGrant grant);
struct LandlockRule {
  std::string path;
  LandlockGrant grant = LandlockGrant::kRead;
  bool directory = true;  // a file's rule must name no rights of directories
  // Trees below `path` that the rule leaves out: it is applied to all that stands beside the way to them when the run
  // starts. A directory on the way can be passed through then, and not be listed.
  std::vector<std::string> except = {};
  bool optional = false;  // left out if `path` is not there
  friend bool operator==(const LandlockRule&, const LandlockRule&) = default;
};

struct ProcessLimits {
  bool namespace_pid_max = false;  // write pid_max of the new pid namespace
  bool rlimit_nproc = false;
  bool rlimit_data = false;
  bool rlimit_cpu = false;
};

// The cgroup of the run's own, made for the launch and removed after it.
struct CgroupPlan {
  std::string parent;      // the directory that it is made in; empty: there is none
  bool memory = false;     // it holds limits.memory
  bool processes = false;  // it holds limits.processes
  bool ends_tree = false;  // tier landlock: what is left of the tree is ended by it
};

// A directory of the run's own on the host, where no mount can give it one (tier `landlock`). Made below `parent` for
// the launch, removed after it.
struct RunDirectoryPlan {
  std::string parent;  // empty: there is none
  bool tmp = false;    // TMPDIR leads to a directory in it
  bool home = false;   // and so does HOME
  // HOME gets a link to each of this directory's entries, but for caches and what is hidden; empty: none.
  std::string home_links;
  std::vector<std::string> hidden;  // paths that get no link
};

struct LinuxPlan : PlanBody {
  LinuxTier tier = LinuxTier::kNamespaces;
  std::string bubblewrap;         // tier bubblewrap: the program, an absolute path
  int64_t uid = -1, gid = -1;     // mapped to themselves
  bool network_namespace = true;  // an own one with nothing but loopback
  bool network_filtered = false;  // tier landlock: no internet sockets
  bool own_binfmt = false;        // tier namespaces: no handler of the host's binfmt_misc counts inside (Linux 6.7)
  bool minimal_root = false;      // a new root that holds only what is bound; else the host's, sealed read-only
  std::vector<MountStep> mounts;  // kBind steps are cloned first, in order; then all are placed, in order
  int landlock_abi = 0;
  std::vector<LandlockRule> landlock;
  bool seccomp_root_caller = false;
  bool seccomp_allow_perf = false;
  LimitsPolicy limits;
  ProcessLimits process_limits;
  CgroupPlan cgroup;
  RunDirectoryPlan run_directory;
  std::string lease_key;  // names the workspace among the journals
  std::string workspace;
  std::vector<Placeholder> placeholders;
  std::vector<WatchedPath> watched;
  // The workspace before the run, so that new repositories are found after it; null: not searched.
  std::shared_ptr<const SeenTree> seen;
  std::vector<std::string> command;
  std::vector<std::string> environment;  // NAME=VALUE, sorted
  std::string cwd;

  Json ToJson() const override;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LINUX_PLAN_H_
