#include "core/platform/posix/user_namespace_facts.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

constexpr char kMaxFile[] = "/sys/user/max_user_namespaces";
constexpr char kCloneFile[] = "/sys/kernel/unprivileged_userns_clone";
constexpr char kAppArmorFile[] = "/sys/kernel/apparmor_restrict_unprivileged_userns";

// Ubuntu 24.04 and later ship the first; the second is what its documentation tells administrators to write.
constexpr std::array<const char*, 2> kBubblewrapProfiles = {"/etc/apparmor.d/bwrap-userns-restrict",
                                                            "/etc/apparmor.d/bwrap"};

// Asks a seccomp filter for its mind on CLONE_NEWUSER without any effect: together with a flag that unshare(2) never
// takes, the kernel itself always answers EINVAL (check_unshare_flags comes before everything else), and any other
// answer is the filter's.
std::optional<bool> FilterAllows() {
  if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER) return std::nullopt;
  return syscall(SYS_unshare, CLONE_NEWUSER | CLONE_PARENT_SETTID) == -1 && errno == EINVAL;
}

std::string ReadLabel(const std::string& proc_root) {
  for (const char* name : {"/self/attr/apparmor/current", "/self/attr/current"}) {
    const std::optional<std::string> text = ReadRawFile(AT_FDCWD, proc_root + name, 4096);
    if (text.has_value()) return std::string(absl::StripSuffix(*text, "\n"));
  }
  return "";
}

bool IsUnconfined(const std::string& label) {
  return label.empty() || label == "unconfined" || absl::StartsWith(label, "unconfined ");
}

Fact DecideDirect(const UserNamespaceInputs& in) {
  if (!in.built_in) return No("/proc/self/ns/user is absent");
  if (in.max_user_namespaces == 0) return No("user.max_user_namespaces is 0");
  if (in.filter_allows == false) return No("a seccomp filter on this process refuses unshare(CLONE_NEWUSER)");
  if (in.capable) return Yes("CAP_SYS_ADMIN is effective");
  if (in.unprivileged_clone == 0) return No("kernel.unprivileged_userns_clone is 0");
  if (in.apparmor_restrict.value_or(0) != 0) {
    const std::string source = "kernel.apparmor_restrict_unprivileged_userns is 1";
    if (IsUnconfined(in.apparmor_label)) return No(source);
    return {Tri::kUnknown, absl::StrCat(source, ", and this process has the profile ", in.apparmor_label)};
  }
  if (!in.max_user_namespaces.has_value()) return {Tri::kUnknown, "user.max_user_namespaces cannot be read"};
  return Yes(absl::StrCat("user.max_user_namespaces is ", *in.max_user_namespaces, ", and nothing known refuses it"));
}

Fact DecideBubblewrap(const UserNamespaceInputs& in, const Fact& direct) {
  if (!in.bubblewrap_trusted) return No("no trusted bwrap");
  const bool by_apparmor = in.built_in && in.max_user_namespaces != 0 && in.filter_allows != false &&
                           in.unprivileged_clone != 0 && in.apparmor_restrict.value_or(0) != 0;
  // What stops us otherwise (a sysctl, a filter) stops every program alike.
  if (!by_apparmor) return {direct.value, direct.source};
  if (in.bubblewrap_profile) return Yes("an AppArmor profile for bwrap is installed");
  return {Tri::kUnknown, "AppArmor restricts user namespaces, and no profile for bwrap was found in /etc/apparmor.d"};
}

}  // namespace

UserNamespaceFacts DecideUserNamespaces(const UserNamespaceInputs& inputs) {
  UserNamespaceFacts facts;
  facts.direct = DecideDirect(inputs);
  facts.via_bubblewrap = DecideBubblewrap(inputs, facts.direct);
  return facts;
}

UserNamespaceInputs ReadUserNamespaceInputs(const std::string& proc_root, const std::string& root) {
  UserNamespaceInputs inputs;
  inputs.built_in = Exists(absl::StrCat(proc_root, "/self/ns/user"));
  inputs.max_user_namespaces = ReadNumber(absl::StrCat(proc_root, kMaxFile));
  inputs.capable = HasCapSysAdmin();
  inputs.filter_allows = FilterAllows();
  if (inputs.capable) return inputs;  // what follows restricts others only
  inputs.unprivileged_clone = ReadNumber(absl::StrCat(proc_root, kCloneFile));
  inputs.apparmor_restrict = ReadNumber(absl::StrCat(proc_root, kAppArmorFile));
  if (inputs.apparmor_restrict.value_or(0) == 0) return inputs;
  inputs.apparmor_label = ReadLabel(proc_root);
  for (const char* profile : kBubblewrapProfiles) {
    inputs.bubblewrap_profile = inputs.bubblewrap_profile || Exists(absl::StrCat(root, profile));
  }
  return inputs;
}

bool HasCapSysAdmin() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN)) != 0;
}

}  // namespace paddock
