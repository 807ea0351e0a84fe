#include "core/platform/posix/linux_probe.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/cgroup_facts.h"
#include "core/platform/posix/host_environment.h"
#include "core/platform/posix/landlock_abi.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/mount_table.h"
#include "core/platform/posix/raw_file.h"
#include "core/platform/posix/user_namespace_facts.h"
#include "core/platform/posix/workspace_probe.h"

namespace paddock {
namespace {

// A host with tens of thousands of unix sockets.
constexpr size_t kMaxSocketTable = 8 << 20;

// How long a mount table that ProbeHost has read serves ProbeWorkspace: the time between the two in one run. The kernel
// takes 40 microseconds to print it.
constexpr std::chrono::milliseconds kMountsFresh(20);

// seccomp(2): asks whether a filter may return an error; loads nothing.
Fact SeccompFilters() {
  const uint32_t action = SECCOMP_RET_ERRNO;
  const char source[] = "seccomp(GET_ACTION_AVAIL)";
  if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) return Yes(source);
  return No(absl::StrCat(source, ": ", std::strerror(errno)));
}

// mount_setattr(2) with an empty argument: EINVAL where the call exists and may be made, ENOSYS before 5.12, EPERM
// below a seccomp filter, which holds for the sandbox too.
Fact MountSetattr() {
  const long answer = syscall(SYS_mount_setattr, -1, "", 0, nullptr, size_t{0});
  const bool there = answer == 0 || errno == EINVAL || errno == EBADF;
  return YesIf(there, there ? "mount_setattr(2)" : absl::StrCat("mount_setattr(2): ", std::strerror(errno)));
}

// The first user namespace maps every id to itself.
bool InFirstUserNamespace(const std::string& proc_root) {
  const std::string map = ReadRawFile(AT_FDCWD, proc_root + "/self/uid_map", 4096).value_or("");
  const std::vector<absl::string_view> fields = absl::StrSplit(map, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  return fields == std::vector<absl::string_view>{"0", "0", "4294967295"};
}

Fact IdmappedMounts(const Fact& mount_setattr, const std::string& proc_root) {
  if (!mount_setattr.yes()) return No(mount_setattr.source);
  if (!HasCapSysAdmin()) return No("CAP_SYS_ADMIN is not effective");
  return YesIf(InFirstUserNamespace(proc_root), proc_root + "/self/uid_map");
}

Fact SinceKernel(const KernelVersion& kernel, int major, int minor) {
  return YesIf(kernel.AtLeast(major, minor),
               absl::StrCat("kernel ", kernel.major, ".", kernel.minor, ", needed is ", major, ".", minor));
}

Known<int> PerfEventParanoid(const std::string& proc) {
  const std::string path = proc + "/sys/kernel/perf_event_paranoid";
  const std::optional<int64_t> value = ReadNumber(path);
  if (!value.has_value()) return {std::nullopt, path};
  return {static_cast<int>(*value), path};
}

}  // namespace

std::string LinuxProbe::Variable(const char* name) const {
  const auto found = inputs_.environment.find(name);
  if (found == inputs_.environment.end() || !IsAbsolutePath(found->second)) return "";
  return NormalizePath(found->second);
}

void LinuxProbe::LeaveMounts(MountTable mounts) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  mounts_ = std::move(mounts);
  mounts_read_ = std::chrono::steady_clock::now();
}

MountTable LinuxProbe::TakeMounts() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::optional<MountTable> left = std::exchange(mounts_, std::nullopt);
  if (left.has_value() && std::chrono::steady_clock::now() - mounts_read_ < kMountsFresh) return *std::move(left);
  return MountTable::Read(inputs_.proc_root);
}

HostFacts LinuxProbe::ProbeHost(const Request& /*request*/) const {
  HostFacts facts;
  facts.os = OsFamily::kLinux;
  facts.os_name = OsName(inputs_.root);
  facts.home = Variable("HOME");
  facts.linux_host = ProbeLinux();
  utsname name = {};
  if (uname(&name) == 0) facts.architecture = name.machine;
  return facts;
}

LinuxFacts LinuxProbe::ProbeLinux() const {
  LinuxFacts facts;
  utsname name = {};
  uname(&name);
  const std::string release = inputs_.kernel_release.empty() ? name.release : inputs_.kernel_release;
  const std::string& proc = inputs_.proc_root;
  const KernelVersion kernel = ParseKernelVersion(release);
  MountTable mounts = MountTable::Read(proc);
  const std::string self_cgroup = ReadRawFile(AT_FDCWD, proc + "/self/cgroup", 64 << 10).value_or("");

  facts.kernel.source = "uname(2): " + release;
  if (kernel.major != 0) facts.kernel.value = absl::StrCat(kernel.major, ".", kernel.minor, ".", kernel.patch);
  facts.landlock_abi = LandlockAbi();
  facts.landlock_errata = LandlockErrata();
  facts.seccomp = SeccompFilters();
  facts.bubblewrap = FindBubblewrap(inputs_.bubblewrap_candidates);

  UserNamespaceInputs inputs = ReadUserNamespaceInputs(proc, inputs_.root);
  inputs.bubblewrap_trusted = facts.bubblewrap.trusted.yes();
  UserNamespaceFacts user_namespaces = DecideUserNamespaces(inputs);
  facts.user_namespaces = std::move(user_namespaces.direct);
  facts.user_namespaces_via_bubblewrap = std::move(user_namespaces.via_bubblewrap);

  facts.fresh_proc = FreshProcAllowed(mounts);
  facts.overlay_in_userns = OverlayInUserns(kernel, proc, inputs_.root);
  facts.mount_setattr = MountSetattr();
  facts.idmapped_mounts = IdmappedMounts(facts.mount_setattr, proc);
  facts.pid_max_per_namespace = SinceKernel(kernel, 6, 14);
  facts.perf_event_paranoid = PerfEventParanoid(proc);

  CgroupFacts cgroup = ProbeCgroup(self_cgroup, mounts, RunsSystemd(inputs_.root));
  facts.cgroup_delegated = std::move(cgroup.delegated);
  facts.cgroup_path = std::move(cgroup.path);
  facts.cgroup_controllers = std::move(cgroup.controllers);

  facts.wsl_version = WslVersion(release, mounts);
  facts.wslg = YesIf(Exists(inputs_.root + "/mnt/wslg"), "/mnt/wslg");
  if (facts.wsl_version.value == 2) {
    WslFacts wsl = ReadWslFacts(mounts, inputs_.root);
    facts.wsl_automount = std::move(wsl.automount);
    facts.windows_mounts = std::move(wsl.mounts);
    facts.windows_interop = std::move(wsl.interop);
    facts.windows_interpreters = std::move(wsl.interpreters);
  }
  facts.container_hints = ContainerHints(inputs_.root, self_cgroup, inputs_.environment);
  facts.uid = geteuid();
  facts.gid = getegid();
  facts.runtime_dir = Variable("XDG_RUNTIME_DIR");
  facts.socket_paths = SocketPaths(ReadRawFile(AT_FDCWD, proc + "/net/unix", kMaxSocketTable).value_or(""));
  facts.mount_points = mounts.MountPoints();
  LeaveMounts(std::move(mounts));
  return facts;
}

absl::StatusOr<WorkspaceFacts> LinuxProbe::ProbeWorkspace(const Request& request) const {
  WorkspaceProbeInputs inputs;
  inputs.home = Variable("HOME");
  inputs.config_home = Variable("XDG_CONFIG_HOME");
  inputs.root = inputs_.root;
  for (const char* landmark : kLinuxLandmarks) inputs.landmarks.emplace_back(landmark);
  for (std::string path : {Variable("HOME"), Variable("XDG_RUNTIME_DIR"), StateDirectory()}) {
    if (!path.empty()) inputs.landmarks.push_back(std::move(path));
  }
  return LookAtWorkspace(request, TakeMounts(), inputs);
}

std::string LinuxProbe::StateDirectory() const {
  const std::string state_home = Variable("XDG_STATE_HOME");
  const std::string home = Variable("HOME");
  if (!state_home.empty()) return JoinPath(state_home, "paddock");
  return home.empty() ? "" : JoinPath(home, ".local/state/paddock");
}

LeaseFacts LinuxProbe::ProbeLeases(const Request& request) const {
  LeaseFacts facts;
  facts.state_dir = StateDirectory();
  struct stat status = {};
  if (request.workspace.empty() || stat(request.workspace.c_str(), &status) != 0) return facts;
  facts.key = LeaseKey(status.st_dev, status.st_ino);
  if (facts.state_dir.empty()) return facts;
  for (std::string& path : JournalledPlaceholders(facts.state_dir, facts.key)) {
    facts.leases.push_back({std::move(path), "placeholder", false});
  }
  return facts;
}

}  // namespace paddock
