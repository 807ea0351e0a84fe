#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_CHILD_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_CHILD_H_

#include <sys/resource.h>

#include <cstddef>
#include <cstdint>

#include "backends/linux_landlock/launch_cpu.h"
#include "backends/linux_landlock/launch_status.h"
#include "backends/linux_landlock/linux_plan.h"

struct sock_fprog;

// The first process of a sandbox. It is cloned from a process that may have threads, so it only makes system calls: no
// allocation, no locks, no exceptions. Everything it needs lies ready in a ChildSpec.

namespace paddock {

// Descriptors are moved above this number first, so that none of them sits where another has to go.
inline constexpr int kSpareDescriptors = 64;

struct ChildMount {
  MountOp op;
  const char* target;
  const char* source;        // kBind, kSymlink
  const char* scratch_name;  // kPrivate: its directory in the scratch file system
  bool directory, writable, sticky, optional;
  Identity identity;
  int tree;  // kBind: the detached tree once cloned; set beforehand for an id-mapped one. With a layer: of that
  const char* layer;  // kHome, kPrivate: the directory of a kept layer, or null
  Identity layer_identity;
};

struct ChildLandlockRule {
  const char* path;
  uint64_t access;
  bool optional;  // left out if `path` is not there
};

struct ChildRlimit {
  int resource;
  rlim_t soft, hard;
};

struct ChildSpec {
  LinuxTier tier;
  pid_t launcher_pid;  // as the sandbox's first process sees it: 0 from another pid namespace
  int status_fd, launcher_pidfd;
  int guard_fd;  // the guard's lifeline, held until pid 1 ends; -1: none
  int stdio[3];  // -1: the sandbox's own /dev/null
  bool tty;
  uint16_t columns, rows;
  const char *uid_map, *gid_map;  // "1000 1000 1\n"
  bool own_network, own_binfmt, minimal_root;
  const char* scratch_size;  // tmpfs size=, or null
  const char* pid_max;       // or null
  const ChildRlimit* rlimits;
  size_t rlimit_count;
  ChildMount* mounts;
  size_t mount_count;
  size_t mounts_before_placeholders;                    // how many steps come before the first one onto a placeholder
  uint64_t landlock_fs, landlock_net, landlock_scopes;  // landlock_fs 0: no ruleset
  const ChildLandlockRule* landlock_rules;
  size_t landlock_rule_count;
  int landlock_ruleset;  // made and not in force yet; -1: none
  const sock_fprog* seccomp;
  PinnedCpu cpu;  // pid 1, until it has started the command
  const char* cwd;
  const char* const* executables;  // tried in order; null-terminated
  char* const* argv;
  char** shell_argv;  // argv of `/bin/sh` for a script without an interpreter line; [1] is filled in
  char* const* envp;
};

// Runs as the new process; never returns.
[[noreturn]] void RunChild(ChildSpec& spec);

// Pieces of RunChild, each in a file of its own. All report a failure themselves and end the process.
[[noreturn]] void FailSetup(const ChildSpec& spec, Stage stage, size_t step, int error);
void BuildView(ChildSpec& spec);                      // launch_view.cc: mounts
void AwaitWorkspace(const ChildSpec& spec);           // launch_child.cc: until the launcher has prepared it
void DropPrivileges(ChildSpec& spec);                 // launch_privileges.cc: capabilities, Landlock, seccomp
void EnterDomain(ChildSpec& spec);                    // launch_privileges.cc: of the ruleset that DropPrivileges made
[[noreturn]] void SuperviseCommand(ChildSpec& spec);  // launch_init.cc: pid 1's life
void EndTree(const ChildSpec& spec);                  // launch_tree.cc: ends and reaps all that the command started

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_CHILD_H_
