// What the first process gives up before anything that nobody vouches for runs: capabilities, then the right to gain
// any, then whatever Landlock and seccomp can take.

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstddef>

#include "backends/linux_landlock/launch_child.h"
#include "backends/linux_landlock/launch_syscalls.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

namespace paddock {
namespace {

// linux/landlock.h of Debian 12 ends at ABI 2; these are the kernel's own layouts (ABI 6).
struct LandlockRulesetAttr {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};
struct LandlockPathBeneath {
  uint64_t allowed_access;
  int32_t parent_fd;
} __attribute__((packed));
constexpr int kLandlockRulePathBeneath = 1;

// The rulesets of the ABIs: each ends after the field that it added.
size_t RulesetSize(const ChildSpec& spec) {
  if (spec.landlock_scopes != 0) return sizeof(LandlockRulesetAttr);
  return spec.landlock_net != 0 ? offsetof(LandlockRulesetAttr, scoped) : sizeof(uint64_t);
}

constexpr unsigned long kKeyctlJoinSessionKeyring = 1;  // linux/keyctl.h
constexpr int kLastKnownCapability = 63;

// No root emulation at exec, no fix-up at setuid, both locked: capabilities never come back.
constexpr unsigned long kSecurebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                      SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED;

void DropCapabilities(const ChildSpec& spec) {
  // Outside a user namespace of one's own both may be refused (EPERM). What is given up below does not come back all
  // the same: under no_new_privs execve gives no capability that the process has not got.
  const bool may_refuse = spec.tier != LinuxTier::kNamespaces;
  for (int capability = 0; capability <= kLastKnownCapability; ++capability) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    if (errno == EINVAL || (errno == EPERM && may_refuse)) break;  // EINVAL: past the kernel's last
    FailSetup(spec, Stage::kPrivileges, 0, errno);
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
      (prctl(PR_SET_SECUREBITS, kSecurebits, 0, 0, 0) != 0 && !(errno == EPERM && may_refuse))) {
    FailSetup(spec, Stage::kPrivileges, 1, errno);
  }
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capset, &header, none) != 0) FailSetup(spec, Stage::kPrivileges, 2, errno);
}

// Without a view of the sandbox's own the rules name the host's files, which are to be what the launcher saw: no link.
int OpenRulePath(const ChildSpec& spec, const char* path) {
  return spec.tier == LinuxTier::kLandlock ? OpenExact(path) : open(path, O_PATH | O_CLOEXEC);
}

// -1: there is none to be had.
int MakeRuleset(const ChildSpec& spec) {
  if (spec.landlock_fs == 0) return -1;
  LandlockRulesetAttr attr = {spec.landlock_fs, spec.landlock_net, spec.landlock_scopes};
  // An older kernel refuses a structure longer than the one it knows.
  const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attr, RulesetSize(spec), 0));
  if (ruleset < 0) FailSetup(spec, Stage::kLandlock, spec.landlock_rule_count, errno);
  for (size_t i = 0; i < spec.landlock_rule_count; ++i) {
    const int path = OpenRulePath(spec, spec.landlock_rules[i].path);
    if (path < 0 && spec.landlock_rules[i].optional) continue;
    if (path < 0) FailSetup(spec, Stage::kLandlock, i, errno);
    const LandlockPathBeneath rule = {spec.landlock_rules[i].access, path};
    if (syscall(SYS_landlock_add_rule, ruleset, kLandlockRulePathBeneath, &rule, 0) != 0) {
      FailSetup(spec, Stage::kLandlock, i, errno);
    }
    close(path);
  }
  return ruleset;
}

}  // namespace

void EnterDomain(ChildSpec& spec) {
  if (spec.landlock_ruleset < 0) return;
  if (syscall(SYS_landlock_restrict_self, spec.landlock_ruleset, 0) != 0) {
    FailSetup(spec, Stage::kLandlock, spec.landlock_rule_count, errno);
  }
  close(spec.landlock_ruleset);
  spec.landlock_ruleset = -1;
}

void DropPrivileges(ChildSpec& spec) {
  // The caller's session keyring would be readable otherwise. ENOSYS: a kernel without keyrings.
  if (syscall(SYS_keyctl, kKeyctlJoinSessionKeyring, nullptr) < 0 && errno != ENOSYS) {
    FailSetup(spec, Stage::kPrivileges, 3, errno);
  }
  DropCapabilities(spec);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) FailSetup(spec, Stage::kPrivileges, 4, errno);
  // Made before the filter, which may refuse what opens the paths.
  spec.landlock_ruleset = MakeRuleset(spec);
  // Without a pid namespace the process that watches over the command stays outside its domain, which cannot reach it
  // so.
  if (spec.tier != LinuxTier::kLandlock) EnterDomain(spec);
  // Pid 1 keeps the launcher's memory, environment included: not dumpable means not readable by what it runs.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) FailSetup(spec, Stage::kPrivileges, 5, errno);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, spec.seccomp, 0, 0) != 0) FailSetup(spec, Stage::kSeccomp, 0, errno);
}

}  // namespace paddock
