#ifndef PADDOCK_CORE_HOST_FACTS_H_
#define PADDOCK_CORE_HOST_FACTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/json.h"
#include "core/host/fact.h"

// Everything that planning knows about the world: plain data, filled in by a probe (core/platform) or read from a file,
// so that any host's decision can be computed on any other. Planning is a pure function of (Request, Facts).

namespace paddock {

enum class OsFamily : uint8_t { kLinux, kWindows };

struct BubblewrapFacts {
  std::string path;  // absolute; empty: none found
  Fact trusted;      // owned by root, not writable by others, nor is any directory above it
};

// A volume or share of Windows that a mount of WSL shows.
struct WindowsMount {
  std::string path;        // the mount point
  std::string source;      // "C:\\", "\\\\server\\share"; empty: not known
  std::string filesystem;  // "9p", "virtiofs", "drvfs"
  friend bool operator==(const WindowsMount&, const WindowsMount&) = default;
};

struct LinuxFacts {
  Known<std::string> kernel;            // "6.1.0"
  Known<int> landlock_abi;              // 0: absent or disabled
  Known<int> landlock_errata;           // bit mask
  Fact seccomp;                         // SECCOMP_SET_MODE_FILTER available
  Fact user_namespaces;                 // this process may create one that carries capabilities
  Fact user_namespaces_via_bubblewrap;  // only the profiled binary may (AppArmor)
  Fact fresh_proc;                      // a new procfs may be mounted in a new pid namespace (no overmounts in ours)
  Fact overlay_in_userns;               // overlayfs may be mounted in a user namespace (5.11)
  Fact mount_setattr;                   // 5.12
  Fact idmapped_mounts;                 // 5.12, and this process has CAP_SYS_ADMIN in the first user namespace
  Fact pid_max_per_namespace;           // 6.14
  Known<int> perf_event_paranoid;  // kernel.perf_event_paranoid; from 2 on, unprivileged processes see only themselves
  Fact cgroup_delegated;           // a run may get a cgroup v2 of its own
  std::string cgroup_path;         // the directory to make it in, absolute; empty if none
  std::vector<std::string> cgroup_controllers;  // those that it has then: "memory", "pids", "cpu"
  BubblewrapFacts bubblewrap;
  Known<int> wsl_version;                    // 0: not WSL, 1, 2
  Fact wslg;                                 // /mnt/wslg present
  std::string wsl_automount;                 // inside WSL2: where volumes of Windows are mounted, "/mnt"; else empty
  std::vector<WindowsMount> windows_mounts;  // inside WSL: of this mount namespace, by mount point
  Fact windows_interop;                      // inside WSL2: the kernel starts programs of Windows (binfmt_misc)
  std::vector<std::string> windows_interpreters;  // what it executes for them, absolute, sorted; "/init"
  std::vector<std::string> container_hints;       // "/.dockerenv", "cgroup:kubepods", "env:container=..."
  int64_t uid = -1;                               // effective; -1 unknown
  int64_t gid = -1;
  std::string runtime_dir;                // $XDG_RUNTIME_DIR
  std::vector<std::string> socket_paths;  // pathname unix sockets that something on this host listens on
  std::vector<std::string> mount_points;  // all of this mount namespace, sorted, deduplicated
};

struct WslDistribution {
  std::string name;
  Known<int> version;  // 1 or 2 (Flags & 8)
  bool is_default = false;
  Fact installed;  // State == 1
  // Of its registration: while it is the same, so is what was asked inside. Empty: not known.
  std::string identity;
  Fact landlock;  // asked inside, as is all that follows; unknown until then
  Fact user_namespaces;
  Fact bubblewrap;
  Fact network_namespace;
  std::string home;                           // the user's, inside
  std::map<std::string, std::string> mounts;  // of Windows: "C:", "\\server\share" -> "/mnt/c"
};

enum class WindowsSku : uint8_t { kUnknown, kHome, kPro, kProWorkstation, kEnterprise, kEducation, kServer };

struct WindowsFacts {
  WindowsSku sku = WindowsSku::kUnknown;
  std::string sku_source;
  Known<int> build;                // 22631
  Fact hypervisor;                 // a hypervisor runs (CPUID)
  Fact virtualization_firmware;    // enabled in firmware
  Fact nested_virtualization;      // no: this is a VM that cannot run VMs
  Fact windows_sandbox_installed;  // WindowsSandbox.exe present
  Fact windows_sandbox_enabled;    // optional feature on
  Fact windows_sandbox_running;    // an instance that is not ours
  Fact wsl_installed;
  std::vector<WslDistribution> distributions;
  Fact mirrored_networking;      // WSL2 shares the host's network, so that 127.0.0.1 is Windows itself
  Fact provisioned;              // dedicated users and network filters of `paddock setup` are in place
  Fact network_filter_verified;  // the launch-time connect test failed as it must
  Fact seclogon;                 // secondary logon service usable
  Fact domain_controller;
  Fact app_control_enforced;  // WDAC or AppLocker would stop the runner
  Fact in_job;                // this process is in a job that forbids what ours needs
  Fact elevated;              // this process runs elevated
  Fact window_station;        // an own window station can be created
  Fact lpac;                  // less-privileged AppContainer available (build >= 15063)
  std::string user_sid;       // the caller's, "S-1-5-21-..."; empty: not known
};

struct HostFacts {
  OsFamily os = OsFamily::kLinux;
  std::string os_name;       // "Debian GNU/Linux 12", "Windows 11 Pro 23H2"
  std::string architecture;  // "x86_64", "aarch64"
  std::string home;          // the caller's, absolute; empty if unknown
  LinuxFacts linux_host;
  WindowsFacts windows_host;
};

enum class PathType : uint8_t { kAbsent, kFile, kDirectory, kSymlink, kFifo, kSocket, kDevice, kUnreadable };

// One path of the request, looked at without following a final symbolic link.
struct PathFacts {
  PathType type = PathType::kAbsent;
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t owner = -1;
  uint32_t mode = 0;             // permission bits
  std::string real_path;         // all symbolic links resolved; empty if that failed
  bool crosses_symlink = false;  // a component (the last included) is a symbolic link
  // Of a link: what else decides where it leads, by real paths: further links, and directories that ".." leaves.
  std::vector<std::string> via;
};

enum class RepositoryKind : uint8_t { kDirectory, kGitFile };

// A git repository or worktree found in the workspace, the workspace's own included.
struct RepositoryFacts {
  std::string root;  // directory that holds .git
  RepositoryKind kind = RepositoryKind::kDirectory;
  std::string git_dir;                       // absolute, resolved
  std::string common_dir;                    // absolute, resolved; equals git_dir unless a linked worktree
  std::vector<std::string> worktrees;        // <common_dir>/worktrees/*, absolute
  std::vector<std::string> modules;          // <common_dir>/modules/**, each a git directory, absolute
  std::vector<std::string> include_targets;  // include.path and core.hooksPath inside the workspace, absolute
  Fact back_linked;  // kGitFile: the git directory names this .git file in its own `gitdir` (git worktree writes
                     // that); without it a .git file may not widen a grant
  Fact well_formed;  // no: .git leads to something that is no repository, or outside through a link
};

enum class WorkspaceLocation : uint8_t {
  kUnknown,
  kLocal,
  kUnc,
  kMappedDrive,
  kSynced,
  kWslDistribution,
  kRemovable,
  kNetworkFilesystem,
  kDrvfs
};

struct SeenEntry {
  std::string path;  // relative to the workspace's root, which is ""
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t changed = 0;  // ctime, nanoseconds since the epoch
};

// Who may read what is to be hidden, on Windows: owners and lists of access of one path and of all that lies below it.
struct DescriptorFacts {
  std::vector<std::string> descriptors;  // SDDL, each once, sorted
  std::string above;    // the path does not exist: they are those of this directory, the nearest one that does
  std::string problem;  // what could not be looked at; nothing follows then from those above. Empty: everything was
};

// What a walk of the workspace met. For the comparison after a run alone: no decision depends on it, and it is not part
// of the JSON.
struct SeenTree {
  std::vector<SeenEntry> directories;   // those that were read, without what is in a `.git`
  std::vector<SeenEntry> repositories;  // each `.git`, directory or not
  // A change after the walk may have left the same stamp as one before it from here on: clocks of file systems tick as
  // slowly as every two seconds.
  int64_t racy_since = 0;
  bool complete = true;  // false: the walk was cut short
};

struct WorkspaceFacts {
  PathFacts root;
  WorkspaceLocation location = WorkspaceLocation::kUnknown;
  std::string location_source;
  std::string wsl_distribution;  // with kWslDistribution
  std::string filesystem;        // "ext4", "NTFS", "exFAT"
  Fact persistent_acls;          // Windows volumes
  Fact case_insensitive;
  Fact read_only;                      // the file system is mounted read-only
  Fact empty;                          // no entry at all
  Fact mounted_in_wsl;                 // W5a: the distribution has this share mounted
  std::vector<std::string> submounts;  // mount points strictly below
  std::vector<RepositoryFacts> repositories;
  std::map<std::string, PathFacts> paths;  // every literal path of the request, by PathRule::path, its working
                                           // directory, and every git path that planning asks about
  std::map<std::string, std::vector<std::string>>
      globs;  // every glob of the request, by PathRule::path: matches, sorted
  // Other paths of a deny_read rule or match that exists, through other mounts of its file system (bind mounts), by its
  // real path.
  std::map<std::string, std::vector<std::string>> aliases;
  // Windows: of every path and match of deny_read on a local volume, by PathRule::path and by the match.
  std::map<std::string, DescriptorFacts> secrets;
  bool scan_complete = true;             // false: the walk for globs and repositories was cut short
  std::shared_ptr<const SeenTree> seen;  // null: the workspace was not walked
};

// What Paddock itself has left on the host: placeholders (Linux), ACEs (Windows).
struct Lease {
  std::string path;
  std::string kind;   // "placeholder"
  bool live = false;  // a run holds it now
};

struct LeaseFacts {
  std::string state_dir;  // absolute; where journals live
  std::string key;        // names the workspace among them; empty without a workspace
  std::vector<Lease> leases;
};

struct Facts {
  HostFacts host;
  WorkspaceFacts workspace;
  LeaseFacts leases;
};

// Schema "paddock.facts/1". Unknown facts are written as null values. FromJson refuses unknown keys and wrong types
// with the JSON pointer of the culprit; absent keys keep their default (unknown).
Json ToJson(const Facts& facts);
absl::StatusOr<Facts> FactsFromJson(const Json& json, absl::string_view source);

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_FACTS_H_
