#ifndef PADDOCK_CORE_PLATFORM_POSIX_HOST_ENVIRONMENT_H_
#define PADDOCK_CORE_PLATFORM_POSIX_HOST_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/host/fact.h"
#include "core/host/facts.h"
#include "core/platform/posix/mount_table.h"

// What kind of machine this is, from files. Paths outside procfs are looked up below `root`; "" is the host.

namespace paddock {

struct KernelVersion {
  int major = 0, minor = 0, patch = 0;
  bool AtLeast(int wanted_major, int wanted_minor) const {
    return major > wanted_major || (major == wanted_major && minor >= wanted_minor);
  }
};

// "6.1.0-18-amd64" -> 6.1.0; all zero if it does not start with two numbers.
KernelVersion ParseKernelVersion(absl::string_view release);

// PRETTY_NAME of os-release(5), else NAME and VERSION_ID; empty if there is no such file.
std::string OsName(const std::string& root);

// 0, 1 or 2. Microsoft's kernels say it in their release ("4.4.0-19041-Microsoft" is WSL1,
// "5.15.90.1-microsoft-standard-WSL2" WSL2); a kernel of the user's own is known by the interop entry of binfmt_misc.
Known<int> WslVersion(absl::string_view kernel_release, const MountTable& mounts);

// What WSL2 adds to a distribution, and a sandbox has to take away again.
struct WslFacts {
  std::string automount;
  std::vector<WindowsMount> mounts;
  Fact interop;
  std::vector<std::string> interpreters;
};
// Meaningless where WslVersion is not 2.
WslFacts ReadWslFacts(const MountTable& mounts, const std::string& root);

// Signs that this is a container: "/.dockerenv", "cgroup:kubepods", "env:container=podman". None is proof.
std::vector<std::string> ContainerHints(const std::string& root, absl::string_view self_cgroup,
                                        const std::map<std::string, std::string>& environment);

// Overlayfs in a user namespace: Linux 5.11, and the file system registered; unknown if it is not, since mounting it
// may load the module.
Fact OverlayInUserns(const KernelVersion& kernel, const std::string& proc_root, const std::string& root);

// Pathname unix sockets that something can be reached at: listening ones, and datagram sockets with a name. Sorted,
// each once. `proc_net_unix` is the text of /proc/net/unix.
std::vector<std::string> SocketPaths(absl::string_view proc_net_unix);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_HOST_ENVIRONMENT_H_
