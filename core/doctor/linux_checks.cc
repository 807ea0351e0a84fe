#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/doctor/check.h"
#include "core/doctor/linux_remedies.h"

namespace paddock {
namespace {

// What each ABI of Landlock adds (Documentation/userspace-api/landlock.rst, "Previous limitations").
struct LandlockStep {
  int abi;
  absl::string_view kernel;
  absl::string_view open;  // what stays open without it
};
constexpr LandlockStep kLandlockSteps[] = {
    {2, "5.19", "moving and linking files between directories is refused altogether"},
    {3, "6.2", "files outside the grants can be truncated"},
    {4, "6.7", "TCP ports are not held"},
    {5, "6.10", "ioctl on devices is not held"},
    {6, "6.12", "abstract unix sockets and signals reach processes outside"},
};
constexpr int kScopeAbi = 6;
constexpr int kRecentAbi = 7;  // Linux 6.15: adds records alone

// What a process under the profile of MendUserNamespaces says of itself (core/platform/posix/user_namespace_facts.cc).
constexpr absl::string_view kOwnProfile = "the profile paddock (unconfined)";

constexpr int kOwnEventsOnly = 2;  // kernel.perf_event_paranoid

// WSL1 lacks a kernel: every other fact of it follows from that.
bool IsWsl1(const LinuxFacts& host) { return host.wsl_version.value == 1; }

bool Has(const std::vector<std::string>& controllers, absl::string_view name) {
  return std::find(controllers.begin(), controllers.end(), name) != controllers.end();
}

bool NeedsBubblewrap(const Subject& s) {
  return !IsWsl1(s.on_linux()) && s.on_linux().user_namespaces.no() &&
         absl::StrContains(s.on_linux().user_namespaces.source, "apparmor");
}

std::string Quoted(const std::string& setting) { return setting.empty() ? "" : absl::StrCat(" (", setting, ")"); }

const PathFacts* StateDirectory(const Facts& facts) {
  const auto found = facts.workspace.paths.find(facts.leases.state_dir);
  return found == facts.workspace.paths.end() ? nullptr : &found->second;
}

// What Paddock finds when it makes its journal there (core/platform/posix/lease_directory.cc).
std::string StateObstacle(const Subject& s) {
  constexpr uint32_t kOwnerAll = 0700;
  const std::string& path = s.facts.leases.state_dir;
  if (path.empty()) return "no place is known for it: neither XDG_STATE_HOME nor HOME is an absolute path";
  const PathFacts* found = StateDirectory(s.facts);
  if (found == nullptr || found->type == PathType::kAbsent || found->type == PathType::kSymlink) return "";
  if (found->type == PathType::kUnreadable) return absl::StrCat(path, " cannot be looked at");
  if (found->type != PathType::kDirectory) return absl::StrCat(path, " is no directory");
  const int64_t uid = s.on_linux().uid;
  if (uid <= 0) return "";
  if (found->owner >= 0 && found->owner != uid) return absl::StrCat(path, " belongs to uid ", found->owner);
  return (found->mode & kOwnerAll) == kOwnerAll ? "" : absl::StrCat(path, " is closed to its owner");
}

Found LandlockOld(const Subject& s) {
  const int abi = *s.on_linux().landlock_abi.value;
  std::vector<std::string> missing;
  for (const LandlockStep& step : kLandlockSteps) {
    if (step.abi > abi)
      missing.push_back(absl::StrCat(step.open, " (until ABI ", step.abi, ", Linux ", step.kernel, ")"));
  }
  return {absl::StrCat("Landlock is at ABI ", abi, ". By it alone, without namespaces: ", absl::StrJoin(missing, "; ")),
          s.on_linux().landlock_abi.source};
}

Found Controllers(const Subject& s) {
  const LinuxFacts& host = s.on_linux();
  const std::string have = host.cgroup_controllers.empty() ? "none" : absl::StrJoin(host.cgroup_controllers, ", ");
  return {absl::StrCat("A run can have a cgroup below ", host.cgroup_path,
                       ", but not with the controllers memory and pids (it would have: ", have, ")"),
          host.cgroup_delegated.source};
}

}  // namespace

absl::Span<const Check> LinuxChecks() {
  static const Check kTable[] = {
      {"wsl1_only", Weight::kByEffect, [](const Subject& s) { return IsWsl1(s.on_linux()); },
       [](Facts& f) {
         LinuxFacts& host = f.host.linux_host;
         host.wsl_version.value = 2;
         for (Fact* fact : {&host.seccomp, &host.user_namespaces, &host.fresh_proc, &host.mount_setattr}) {
           fact->value = Tri::kYes;
         }
         host.landlock_abi.value = std::max(host.landlock_abi.value.value_or(0), 3);
       },
       [](const Subject& s) {
         return Found{"This is WSL1, which has no Linux kernel and so none of its sandboxes",
                      s.on_linux().wsl_version.source};
       },
       MendWsl1},

      {"seccomp_absent", Weight::kByEffect,
       [](const Subject& s) { return !IsWsl1(s.on_linux()) && s.on_linux().seccomp.no(); },
       [](Facts& f) { f.host.linux_host.seccomp.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"The kernel cannot filter system calls, and nothing is started without the filter",
                      s.on_linux().seccomp.source};
       },
       MendSeccomp},

      {"userns_denied", Weight::kByEffect,
       [](const Subject& s) { return !IsWsl1(s.on_linux()) && s.on_linux().user_namespaces.no(); },
       [](Facts& f) { f.host.linux_host.user_namespaces.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"This process may not create user namespaces", s.on_linux().user_namespaces.source};
       },
       MendUserNamespaces},

      {"userns_unknown", Weight::kAdvice,
       [](const Subject& s) {
         const Fact& fact = s.on_linux().user_namespaces;
         return !IsWsl1(s.on_linux()) && fact.unknown() && !absl::StrContains(fact.source, kOwnProfile);
       },
       [](Facts& f) { f.host.linux_host.user_namespaces.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"It is not known whether this process may create user namespaces; a run tries, and falls back",
                      s.on_linux().user_namespaces.source};
       },
       MendUnknownUserNamespaces},

      {"bubblewrap_absent", Weight::kIfEffective,
       [](const Subject& s) { return NeedsBubblewrap(s) && s.on_linux().bubblewrap.path.empty(); },
       [](Facts& f) {
         f.host.linux_host.bubblewrap = {"/usr/bin/bwrap", Yes("mended")};
         f.host.linux_host.user_namespaces_via_bubblewrap.value = Tri::kYes;
       },
       [](const Subject& s) {
         return Found{"Bubblewrap, which may create user namespaces where this process may not, is not installed",
                      s.on_linux().bubblewrap.trusted.source};
       },
       MendBubblewrapAbsent},

      {"bubblewrap_untrusted", Weight::kIfEffective,
       [](const Subject& s) {
         const BubblewrapFacts& bubblewrap = s.on_linux().bubblewrap;
         return NeedsBubblewrap(s) && !bubblewrap.path.empty() && !bubblewrap.trusted.yes();
       },
       [](Facts& f) {
         f.host.linux_host.bubblewrap.trusted.value = Tri::kYes;
         f.host.linux_host.user_namespaces_via_bubblewrap.value = Tri::kYes;
       },
       [](const Subject& s) {
         const BubblewrapFacts& bubblewrap = s.on_linux().bubblewrap;
         return Found{absl::StrCat(bubblewrap.path, " is not known to be root's alone, so it is not used"),
                      bubblewrap.trusted.source};
       },
       MendBubblewrapUntrusted},

      {"bubblewrap_unprofiled", Weight::kAdvice,
       [](const Subject& s) {
         const LinuxFacts& host = s.on_linux();
         return NeedsBubblewrap(s) && host.bubblewrap.trusted.yes() && !host.user_namespaces_via_bubblewrap.yes();
       },
       [](Facts& f) { f.host.linux_host.user_namespaces_via_bubblewrap.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"No AppArmor profile is known that lets bubblewrap create user namespaces",
                      s.on_linux().user_namespaces_via_bubblewrap.source};
       },
       MendBubblewrapUnprofiled},

      {"mount_setattr_absent", Weight::kByEffect,
       [](const Subject& s) { return !IsWsl1(s.on_linux()) && s.on_linux().mount_setattr.no(); },
       [](Facts& f) { f.host.linux_host.mount_setattr.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"Mounted trees cannot be made read-only as a whole, which the sandbox's view is made by",
                      s.on_linux().mount_setattr.source};
       },
       MendMountSetattr},

      {"landlock_absent", Weight::kByEffect,
       [](const Subject& s) { return !IsWsl1(s.on_linux()) && s.on_linux().landlock_abi.value.value_or(0) < 1; },
       [](Facts& f) { f.host.linux_host.landlock_abi.value = kRecentAbi; },
       [](const Subject& s) {
         const auto& abi = s.on_linux().landlock_abi;
         return Found{abi.known() ? "There is no Landlock: namespaces lack their second lock, and without them nothing "
                                    "confines"
                                  : "It is not known whether there is Landlock, so it counts as absent",
                      abi.source};
       },
       MendLandlockAbsent},

      {"landlock_abi_old", Weight::kByEffect,
       [](const Subject& s) {
         const int abi = s.on_linux().landlock_abi.value.value_or(0);
         return !IsWsl1(s.on_linux()) && abi >= 1 && abi < kScopeAbi;
       },
       [](Facts& f) { f.host.linux_host.landlock_abi.value = kRecentAbi; }, LandlockOld, MendLandlockOld},

      {"wsl_interop_reachable", Weight::kByEffect,
       [](const Subject& s) { return s.on_linux().wsl_version.value == 2 && !s.on_linux().user_namespaces.yes(); },
       [](Facts& f) { f.host.linux_host.user_namespaces.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"This is WSL2 without user namespaces: nothing keeps a command from starting Windows programs",
                      s.on_linux().wsl_version.source};
       },
       MendInterop},

      {"fresh_proc_denied", Weight::kByEffect,
       [](const Subject& s) { return !IsWsl1(s.on_linux()) && !s.on_linux().fresh_proc.yes(); },
       [](Facts& f) { f.host.linux_host.fresh_proc.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{s.on_linux().fresh_proc.no()
                          ? "No new /proc may be mounted, so the outer one stays and shows processes outside"
                          : "It is not known whether a new /proc may be mounted",
                      s.on_linux().fresh_proc.source};
       },
       MendFreshProc},

      {"cgroup_not_delegated", Weight::kByEffect,
       [](const Subject& s) { return !IsWsl1(s.on_linux()) && !s.on_linux().cgroup_delegated.yes(); },
       [](Facts& f) {
         f.host.linux_host.cgroup_delegated.value = Tri::kYes;
         f.host.linux_host.cgroup_path = "/sys/fs/cgroup/mended";
         f.host.linux_host.cgroup_controllers = {"cpu", "memory", "pids"};
       },
       [](const Subject& s) {
         return Found{"A run cannot have a cgroup of its own, so memory is limited for each process alone",
                      s.on_linux().cgroup_delegated.source};
       },
       MendCgroup},

      {"cgroup_controllers_missing", Weight::kByEffect,
       [](const Subject& s) {
         const auto& controllers = s.on_linux().cgroup_controllers;
         return s.on_linux().cgroup_delegated.yes() && !(Has(controllers, "memory") && Has(controllers, "pids"));
       },
       [](Facts& f) {
         f.host.linux_host.cgroup_controllers = {"cpu", "memory", "pids"};
       },
       Controllers, MendControllers},

      {"pid_max_shared", Weight::kIfEffective,
       [](const Subject& s) { return s.on_linux().uid == 0 && !s.on_linux().pid_max_per_namespace.yes(); },
       [](Facts& f) { f.host.linux_host.pid_max_per_namespace.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{
             "Paddock runs as root, which RLIMIT_NPROC does not hold, and this kernel counts pids for the whole "
             "host",
             s.on_linux().pid_max_per_namespace.source};
       },
       MendPidMax},

      {"overlay_absent", Weight::kIfEffective,
       [](const Subject& s) { return !IsWsl1(s.on_linux()) && s.on_linux().overlay_in_userns.no(); },
       [](Facts& f) { f.host.linux_host.overlay_in_userns.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{
             "Overlays cannot be mounted in a user namespace, so the home directory has no layer to write into",
             s.on_linux().overlay_in_userns.source};
       },
       MendOverlay},

      {"workspace_foreign_owned", Weight::kIfEffective,
       [](const Subject& s) {
         return s.on_linux().uid == 0 && s.facts.workspace.root.owner > 0 && s.on_linux().idmapped_mounts.no();
       },
       [](Facts& f) { f.host.linux_host.idmapped_mounts.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{absl::StrCat("The workspace belongs to uid ", s.facts.workspace.root.owner,
                                   ", Paddock runs as root, and root without capabilities cannot write it"),
                      s.on_linux().idmapped_mounts.source};
       },
       MendForeignOwner},

      {"state_dir_unusable", Weight::kBlocks, [](const Subject& s) { return !StateObstacle(s).empty(); },
       [](Facts& f) {
         if (f.leases.state_dir.empty()) f.leases.state_dir = "/mended";
         f.workspace.paths.erase(f.leases.state_dir);
       },
       [](const Subject& s) {
         return Found{absl::StrCat("Paddock cannot keep its journal of placeholders: ", StateObstacle(s)), ""};
       },
       MendStateDirectory},

      {"perf_events_refused", Weight::kAdvice,
       [](const Subject& s) {
         const Known<int>& paranoid = s.on_linux().perf_event_paranoid;
         return paranoid.known() && *paranoid.value < kOwnEventsOnly;
       },
       [](Facts& f) { f.host.linux_host.perf_event_paranoid.value = kOwnEventsOnly; },
       [](const Subject& s) {
         const Known<int>& paranoid = s.on_linux().perf_event_paranoid;
         return Found{absl::StrCat("kernel.perf_event_paranoid is ", *paranoid.value,
                                   ", which lets programs watch others and the kernel, so perf does not work inside"),
                      paranoid.source};
       },
       MendPerf},

      {"caller_is_root", Weight::kAdvice, [](const Subject& s) { return s.on_linux().uid == 0; },
       [](Facts& f) { f.host.linux_host.uid = f.workspace.root.owner > 0 ? f.workspace.root.owner : 1000; },
       [](const Subject&) {
         return Found{
             "Paddock runs as root: a hole in it, or in the kernel's namespaces, is root's, where an ordinary "
             "user's would be the user's",
             "uid 0"};
       },
       MendRootCaller},

      {"workspace_on_network", Weight::kAdvice,
       [](const Subject& s) { return s.facts.workspace.location == WorkspaceLocation::kNetworkFilesystem; },
       [](Facts& f) { f.workspace.location = WorkspaceLocation::kLocal; },
       [](const Subject& s) {
         return Found{absl::StrCat("The workspace is on a network file system", Quoted(s.facts.workspace.filesystem),
                                   ": other machines may change it behind the protected names"),
                      s.facts.workspace.location_source};
       },
       MendRemoteWorkspace},

      {"workspace_on_drvfs", Weight::kAdvice,
       [](const Subject& s) { return s.facts.workspace.location == WorkspaceLocation::kDrvfs; },
       [](Facts& f) { f.workspace.location = WorkspaceLocation::kLocal; },
       [](const Subject& s) {
         return Found{
             "The workspace is on a Windows volume: it ignores case, so names are protected approximately, and "
             "files keep the Windows user's permissions",
             s.facts.workspace.location_source};
       },
       MendRemoteWorkspace},
  };
  return kTable;
}

}  // namespace paddock
