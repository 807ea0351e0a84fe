#ifndef PADDOCK_CORE_PLATFORM_POSIX_USER_NAMESPACE_FACTS_H_
#define PADDOCK_CORE_PLATFORM_POSIX_USER_NAMESPACE_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "core/host/fact.h"

namespace paddock {

// What is read before anybody tries: no namespace is created to know.
struct UserNamespaceInputs {
  bool built_in = false;                       // /proc/self/ns/user exists
  std::optional<int64_t> max_user_namespaces;  // /proc/sys/user/max_user_namespaces
  std::optional<int64_t> unprivileged_clone;   // /proc/sys/kernel/unprivileged_userns_clone (Debian, Arch)
  std::optional<int64_t> apparmor_restrict;    // /proc/sys/kernel/apparmor_restrict_unprivileged_userns (Ubuntu)
  bool capable = false;                        // CAP_SYS_ADMIN is effective
  std::string apparmor_label;                  // of this process; empty without AppArmor
  std::optional<bool> filter_allows;           // of the seccomp filter on this process; nullopt: there is none
  bool bubblewrap_trusted = false;
  bool bubblewrap_profile = false;  // an AppArmor profile for bwrap is installed
};

struct UserNamespaceFacts {
  Fact direct;          // LinuxFacts::user_namespaces
  Fact via_bubblewrap;  // LinuxFacts::user_namespaces_via_bubblewrap: a trusted bwrap may, even if we may not
};

// The decision, a pure function of the inputs.
UserNamespaceFacts DecideUserNamespaces(const UserNamespaceInputs& inputs);

// Reads the inputs; files other than procfs's are looked up below `root` ("" is the host). The bubblewrap fields are
// left to the caller, but for the profile.
UserNamespaceInputs ReadUserNamespaceInputs(const std::string& proc_root, const std::string& root);

// Whether CAP_SYS_ADMIN is effective, by capget(2).
bool HasCapSysAdmin();

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_USER_NAMESPACE_FACTS_H_
