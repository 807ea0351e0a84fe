#include "core/doctor/linux_remedies.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/posix_path.h"
#include "core/doctor/commands.h"

namespace paddock {
namespace {

bool Says(const std::string& source, absl::string_view part) { return absl::StrContains(source, part); }

// ---- Containers. What a runtime's default profiles refuse, and the options that let it pass, each with its price.

constexpr absl::string_view kSeccompPrice =
    "seccomp=unconfined opens every system call of the kernel to everything in the container";
constexpr absl::string_view kAppArmorPrice = "apparmor=unconfined lets it mount, which the sandbox's view is made of";

Remedy KubernetesPod(const std::vector<std::string>& settings) {
  std::vector<std::string> lines = {"spec:", "  hostUsers: false", "  containers:", "  - securityContext:"};
  for (const std::string& setting : settings) lines.push_back(absl::StrCat("      ", setting));
  return {
      "In the pod's manifest, beside what is there. hostUsers: false maps root inside to nobody outside, which keeps "
      "the "
      "price of the others low; unconfined profiles open every system call and mounting to everything in the "
      "container.",
      std::move(lines)};
}

// Namespaces and mounts in a container: what unshare(2), mount(2) and their kin need.
std::vector<Remedy> LetNamespacesPass(const LinuxFacts& host) {
  const std::string price = absl::StrCat("Start the container without the profiles that refuse namespaces and mounts. ",
                                         kSeccompPrice, "; ", kAppArmorPrice, ".");
  constexpr char kOptions[] = " run --security-opt seccomp=unconfined --security-opt apparmor=unconfined IMAGE";
  switch (ContainerOf(host)) {
    case Container::kDocker:
      return {{price, {absl::StrCat("docker", kOptions)}}};
    case Container::kPodman:
      return {{price, {absl::StrCat("podman", kOptions)}}};
    case Container::kKubernetes:
      return {KubernetesPod(
          {"seccompProfile: {type: Unconfined}", "appArmorProfile: {type: Unconfined}", "procMount: Unmasked"})};
    default:
      return {
          {"Let the seccomp and AppArmor profiles of what runs this container pass unshare, clone with namespace "
           "flags, and mount.",
           {}}};
  }
}

std::vector<Remedy> LetSystemCallsPass(const LinuxFacts& host, absl::string_view calls) {
  const std::string price = absl::StrCat("Start the container with a seccomp profile that passes ", calls, ". ",
                                         kSeccompPrice, "; a profile of your own opens less.");
  switch (ContainerOf(host)) {
    case Container::kDocker:
      return {{price, {"docker run --security-opt seccomp=unconfined IMAGE"}}};
    case Container::kPodman:
      return {{price, {"podman run --security-opt seccomp=unconfined IMAGE"}}};
    case Container::kKubernetes:
      return {KubernetesPod({"seccompProfile: {type: Unconfined}"})};
    default:
      return {{absl::StrCat("Let the seccomp profile around this process pass ", calls, "."), {}}};
  }
}

Remedy NewerKernel(const LinuxFacts& host, absl::string_view version) {
  if (host.wsl_version.value == 2) {
    return {"On Windows, get the newest kernel for WSL, and start it:", {"wsl --update", "wsl --shutdown"}};
  }
  return {OnOuterHost(host, absl::StrCat("boot Linux ", version, " or later.")), {}};
}

// ---- User namespaces.

// The path of paddock as a profile names it, and as a shell finds it where it is not known.
std::string ProfiledPath(absl::string_view executable) {
  return executable.empty() ? R"x('"$(readlink -f "$(command -v paddock)")"')x" : std::string(executable);
}

Remedy AppArmorProfile(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  if (!subject.executable.empty() && !IsPlain(subject.executable)) {
    return {
        "Put paddock at a path of letters, digits and / . _ - + alone, and ask again: AppArmor reads other "
        "characters as a pattern.",
        {}};
  }
  Remedy remedy;
  remedy.text = OnOuterHost(host,
                            "give paddock an AppArmor profile of its own (AppArmor 4.0). It lets this one program make "
                            "user namespaces, so only root should be able to write the file:");
  const std::string path = ProfiledPath(subject.executable);
  remedy.lines = WriteFile(
      host, "/etc/apparmor.d/paddock",
      {"abi <abi/4.0>,", "include <tunables/global>", absl::StrCat("profile paddock ", path, " flags=(unconfined) {"),
       "  userns,", "  include if exists <local/paddock>", "}"});
  remedy.lines.push_back(absl::StrCat(OuterSudo(host), "apparmor_parser -r /etc/apparmor.d/paddock"));
  return remedy;
}

Remedy Sysctl(const LinuxFacts& host, absl::string_view text, absl::string_view setting) {
  return {OnOuterHost(host, text), SetSysctl(host, setting, "99-paddock-userns.conf")};
}

}  // namespace

std::vector<Remedy> MendUserNamespaces(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  const std::string& source = host.user_namespaces.source;
  if (Says(source, "max_user_namespaces")) {
    std::vector<Remedy> remedies = {
        Sysctl(host, "allow user namespaces, for every user:", "user.max_user_namespaces=15000")};
    if (ContainerOf(host) == Container::kNone) return remedies;
    for (Remedy& remedy : LetNamespacesPass(host)) remedies.push_back(std::move(remedy));
    return remedies;
  }
  if (Says(source, "unprivileged_userns_clone")) {
    return {Sysctl(host, "allow user namespaces to ordinary users, every program of theirs:",
                   "kernel.unprivileged_userns_clone=1")};
  }
  if (Says(source, "apparmor_restrict_unprivileged_userns")) {
    return {AppArmorProfile(subject), Sysctl(host, "or lift the restriction for every program, which opens more:",
                                             "kernel.apparmor_restrict_unprivileged_userns=0")};
  }
  if (Says(source, "ns/user")) return {{"Boot a kernel that is built with CONFIG_USER_NS=y.", {}}};
  if (ContainerOf(host) != Container::kNone) return LetNamespacesPass(host);
  if (Says(source, "seccomp")) {
    return {
        {"Start paddock outside the seccomp filter that is on this process: from a login shell, not from a service "
         "with RestrictNamespaces= or SystemCallFilter=, nor from inside another sandbox.",
         {}}};
  }
  return {{"See what refuses them: each of these that exists should be 1 or more, but for the last, which should be 0.",
           {"sysctl user.max_user_namespaces kernel.unprivileged_userns_clone "
            "kernel.apparmor_restrict_unprivileged_userns"}}};
}

std::vector<Remedy> MendUnknownUserNamespaces(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  std::vector<Remedy> remedies = {
      {"See whether it may: this says nothing where it may, else what was refused.", {"paddock run -- true"}}};
  if (ContainerOf(host) != Container::kNone) {
    for (Remedy& remedy : LetNamespacesPass(host)) remedies.push_back(std::move(remedy));
  } else if (Says(host.user_namespaces.source, "apparmor_restrict_unprivileged_userns")) {
    remedies.push_back(AppArmorProfile(subject));
  }
  return remedies;
}

// ---- bubblewrap.

std::vector<Remedy> MendBubblewrapAbsent(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  return {
      {"Install the distribution's own, by one of these:",
       {absl::StrCat(Sudo(host), "apt-get install bubblewrap"), absl::StrCat(Sudo(host), "dnf install bubblewrap")}}};
}

std::vector<Remedy> MendBubblewrapUntrusted(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  const std::string path = ShellWord(host.bubblewrap.path, "/usr/bin/bwrap");
  return {
      {"Let only root write the program; every directory above it, which the last command lists, has to be root's "
       "alone as well:",
       {absl::StrCat(Sudo(host), "chown root:root ", path), absl::StrCat(Sudo(host), "chmod 0755 ", path),
        absl::StrCat("namei -l ", path)}}};
}

std::vector<Remedy> MendBubblewrapUnprofiled(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  return {
      {"Load Ubuntu's own profile for bubblewrap, which the package apparmor-profiles keeps aside:",
       {absl::StrCat(Sudo(host), "apt-get install apparmor-profiles"),
        absl::StrCat(Sudo(host), "install -m 0644 /usr/share/apparmor/extra-profiles/bwrap-userns-restrict \\"),
        "  /etc/apparmor.d/", absl::StrCat(Sudo(host), "apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict")}}};
}

// ---- The kernel.

std::vector<Remedy> MendWsl1(const Subject&) {
  return {{"On Windows, convert the distribution; NAME is what the first command shows:",
           {"wsl --list --verbose", "wsl --set-version NAME 2"}}};
}

std::vector<Remedy> MendSeccomp(const Subject& subject) {
  if (ContainerOf(subject.on_linux()) != Container::kNone) return LetSystemCallsPass(subject.on_linux(), "seccomp");
  return {{"Boot a kernel that is built with CONFIG_SECCOMP_FILTER=y.", {}}};
}

std::vector<Remedy> MendMountSetattr(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  if (IsKernelFrom(host, 5, 12)) return LetSystemCallsPass(host, "mount_setattr");
  return {NewerKernel(host, "5.12")};
}

std::vector<Remedy> MendFreshProc(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  constexpr absl::string_view kPrice =
      "Start the container with nothing over /proc. Its root can then write /proc/sys and read /proc/kcore, unless "
      "root "
      "inside is nobody outside (a rootless container, or one with a user namespace of its own).";
  switch (ContainerOf(host)) {
    case Container::kDocker:
      return {{std::string(kPrice), {"docker run --security-opt systempaths=unconfined IMAGE"}}};
    case Container::kPodman:
      return {{std::string(kPrice), {"podman run --security-opt unmask=ALL IMAGE"}}};
    case Container::kKubernetes:
      return {KubernetesPod({"procMount: Unmasked"})};
    case Container::kOther:
      return {{std::string(kPrice), {}}};
    case Container::kNone:
      break;
  }
  return {{"See what is mounted over parts of /proc, and unmount it:",
           {"findmnt --submounts /proc", absl::StrCat(Sudo(host), "umount PATH")}}};
}

namespace {

Remedy LandlockAtBoot(const LinuxFacts& host) {
  const absl::string_view sudo = OuterSudo(host);
  return {
      OnOuterHost(host,
                  "put landlock in front of the security modules that are on (`lsm=` takes the place of the whole "
                  "list), and reboot. Debian, Ubuntu: the first two lines; Fedora, RHEL: the third."),
      {absl::StrCat(R"x(echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX lsm=landlock,'"$(cat )x",
                    R"x(/sys/kernel/security/lsm)"'"' \)x"),
       absl::StrCat("  | ", sudo, "tee /etc/default/grub.d/landlock.cfg && ", sudo, "update-grub"),
       absl::StrCat(sudo, R"x(grubby --update-kernel=ALL --args="lsm=landlock,$(cat /sys/kernel/security/lsm)")x")}};
}

}  // namespace

std::vector<Remedy> MendLandlockAbsent(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  const std::string& source = host.landlock_abi.source;
  const bool disabled =
      Says(source, "EOPNOTSUPP") || Says(source, "disabled at boot") || Says(source, "Operation not supported");
  if (IsKernelBefore(host, 5, 13)) return {NewerKernel(host, "5.13")};
  if (disabled) return {LandlockAtBoot(host)};
  if (ContainerOf(host) != Container::kNone) return LetSystemCallsPass(host, "landlock_create_ruleset and its kin");
  if (host.wsl_version.value == 2) return {NewerKernel(host, "5.13")};
  return {
      {"Boot a kernel that is built with CONFIG_SECURITY_LANDLOCK=y, and with landlock in CONFIG_LSM or `lsm=`.", {}}};
}

std::vector<Remedy> MendLandlockOld(const Subject& subject) {
  const bool for_sockets = subject.on_linux().landlock_abi.value.value_or(0) >= 6;
  return {NewerKernel(subject.on_linux(), for_sockets ? "7.1" : "6.12")};
}

std::vector<Remedy> MendInterop(const Subject& subject) {
  std::vector<Remedy> remedies = MendUserNamespaces(subject);
  remedies.push_back(
      {"Beside that, switch interop off for the whole distribution, in /etc/wsl.conf (`wsl --shutdown` on Windows "
       "makes it "
       "take effect). Paddock alone does not count on it: root in the distribution can switch it on again.",
       {"[interop]", "enabled = false", "appendWindowsPath = false"}});
  return remedies;
}

std::vector<Remedy> MendPidMax(const Subject& subject) {
  std::vector<Remedy> remedies = MendRootCaller(subject);
  remedies.push_back(NewerKernel(subject.on_linux(), "6.14"));
  return remedies;
}

std::vector<Remedy> MendOverlay(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  if (IsKernelBefore(host, 5, 11)) return {NewerKernel(host, "5.11")};
  return {{OnOuterHost(host, "load the module, now and at every boot:"),
           {absl::StrCat(OuterSudo(host), "modprobe overlay"),
            absl::StrCat("echo overlay | ", OuterSudo(host), "tee /etc/modules-load.d/overlay.conf")}}};
}

std::vector<Remedy> MendPerf(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  return {{OnOuterHost(host,
                       "hold unprivileged users to events of their own programs; who profiles the kernel needs "
                       "CAP_PERFMON from then on:"),
           SetSysctl(host, "kernel.perf_event_paranoid=2", "99-paddock-perf.conf")}};
}

// ---- A cgroup for the run. Its controllers reach below a cgroup only while no process is in that one (cgroups(7),
// "no internal processes"), so whoever calls paddock has to sit in a subgroup of what was delegated.

namespace {

bool RunsInUnit(const std::string& source) {
  return Says(source, "systemd") || Says(source, ".scope") || Says(source, ".service") || Says(source, ".slice");
}

std::vector<Remedy> DelegatedUnit(const LinuxFacts& host) {
  const absl::string_view user = host.uid == 0 ? "" : "--user ";
  return {{"Start what calls paddock (AGENT: an agent, a shell) in a unit of its own, in a subgroup of it. systemd "
           "254 or "
           "later:",
           {absl::StrCat("systemd-run ", user, "--same-dir -E PATH --pipe --wait \\"),
            "  -p Delegate=yes -p DelegateSubgroup=agent AGENT"}},
          {"An older systemd:",
           {absl::StrCat("systemd-run ", user, "--scope -p Delegate=yes sh -c \\"),
            R"(  'c=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup); mkdir "$c/agent" &&)",
            R"(  echo $$ > "$c/agent/cgroup.procs" && exec "$@"' sh AGENT)"}}};
}

Remedy WritableContainerCgroup(const LinuxFacts& host) {
  switch (ContainerOf(host)) {
    case Container::kDocker:
      return {
          "Give the container a cgroup of its own that its root may write (Docker Engine 28 or later). It can then "
          "set limits below its own, and no more.",
          {"docker run --cgroupns=private --security-opt writable-cgroups=true IMAGE"}};
    case Container::kPodman:
      return {
          "Give the container a cgroup of its own that its root may write. It can then set limits below its own, and "
          "no more.",
          {"podman run --cgroupns=private --security-opt unmask=/sys/fs/cgroup IMAGE"}};
    default:
      return {"Let what runs this container give it a cgroup namespace of its own, and /sys/fs/cgroup writable.", {}};
  }
}

Remedy EmptyContainerRoot() {
  return {"Inside the container, as its root, before paddock: move every process out of the topmost cgroup.",
          {"mkdir /sys/fs/cgroup/agent", "for p in $(cat /sys/fs/cgroup/cgroup.procs); do",
           "  echo $p > /sys/fs/cgroup/agent/cgroup.procs", "done"}};
}

// A host without systemd, where cgroup v2 is mounted in the usual place.
Remedy HandMadeCgroup(const LinuxFacts& host) {
  const absl::string_view sudo = Sudo(host);
  return {"In the shell that starts what calls paddock, make a cgroup, and move the shell into a subgroup of it:",
          {absl::StrCat(sudo, "mkdir -p /sys/fs/cgroup/paddock/agent"),
           absl::StrCat("echo '+memory +pids' | ", sudo, "tee /sys/fs/cgroup/cgroup.subtree_control"),
           absl::StrCat(sudo, "chown -R \"$(id -u)\" /sys/fs/cgroup/paddock"),
           absl::StrCat("echo $$ | ", sudo, "tee /sys/fs/cgroup/paddock/agent/cgroup.procs")}};
}

// Controllers that a hierarchy of cgroup v1 holds are not to be had in v2.
bool HasVersion1(const LinuxFacts& host) {
  const auto& mounts = host.mount_points;
  return std::find(mounts.begin(), mounts.end(), "/sys/fs/cgroup/memory") != mounts.end() ||
         std::find(mounts.begin(), mounts.end(), "/sys/fs/cgroup/pids") != mounts.end();
}

Remedy OneHierarchy(const LinuxFacts& host) {
  return {OnOuterHost(host,
                      "boot with cgroup v2 alone: the controllers are held by cgroup v1 here. With systemd this is a "
                      "parameter of the kernel's command line:"),
          {"systemd.unified_cgroup_hierarchy=1"}};
}

}  // namespace

std::vector<Remedy> MendCgroup(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  const std::string& source = host.cgroup_delegated.source;
  if (HasVersion1(host)) return {OneHierarchy(host)};
  if (ContainerOf(host) != Container::kNone) return {WritableContainerCgroup(host), EmptyContainerRoot()};
  if (RunsInUnit(source)) return DelegatedUnit(host);
  if (host.wsl_version.value == 2) {
    std::vector<Remedy> remedies = {
        {"Let the distribution run systemd, in /etc/wsl.conf (`wsl --shutdown` on Windows makes it take effect), "
         "then:",
         {"[boot]", "systemd = true"}}};
    for (Remedy& remedy : DelegatedUnit(host)) remedies.push_back(std::move(remedy));
    return remedies;
  }
  return {HandMadeCgroup(host)};
}

std::vector<Remedy> MendControllers(const Subject& subject) {
  const LinuxFacts& host = subject.on_linux();
  if (HasVersion1(host)) return {OneHierarchy(host)};
  if (ContainerOf(host) != Container::kNone) return {EmptyContainerRoot()};
  if (!RunsInUnit(absl::StrCat(host.cgroup_delegated.source, host.cgroup_path))) return {HandMadeCgroup(host)};
  std::vector<Remedy> remedies = DelegatedUnit(host);
  std::vector<std::string> lines = {absl::StrCat(Sudo(host), "mkdir -p /etc/systemd/system/user@.service.d")};
  for (std::string& line : WriteFile(host, "/etc/systemd/system/user@.service.d/delegate.conf",
                                     {"[Service]", "Delegate=cpu cpuset io memory pids"})) {
    lines.push_back(std::move(line));
  }
  lines.push_back(absl::StrCat(Sudo(host), "systemctl daemon-reload"));
  remedies.push_back(
      {"If a controller is still missing, let systemd hand it to users at all, and log in anew:", std::move(lines)});
  return remedies;
}

// ---- The caller and its places.

std::vector<Remedy> MendStateDirectory(const Subject& subject) {
  const std::string& directory = subject.facts.leases.state_dir;
  if (directory.empty()) {
    return {{"Say where: a directory that only you can write.", {"export XDG_STATE_HOME=DIRECTORY"}}};
  }
  const std::string path = ShellWord(directory, "DIRECTORY");
  const auto found = subject.facts.workspace.paths.find(directory);
  const bool directory_there =
      found != subject.facts.workspace.paths.end() && found->second.type == PathType::kDirectory;
  Remedy move = {"Or keep the state elsewhere, in a directory that only you can write:",
                 {"export XDG_STATE_HOME=DIRECTORY"}};
  if (!directory_there)
    return {{"Move away what stands in its place:", {absl::StrCat("mv ", path, " ", path, ".old")}}, move};
  return {{"Make it yours:",
           {absl::StrCat(Sudo(subject.on_linux()), "chown -R \"$(id -u):$(id -g)\" ", path),
            absl::StrCat("chmod 0700 ", path)}},
          move};
}

std::vector<Remedy> MendRootCaller(const Subject&) {
  return {{"Run paddock as an ordinary user; USER is an account of yours:", {"runuser -u USER -- paddock run -- CMD"}}};
}

std::vector<Remedy> MendForeignOwner(const Subject& subject) {
  const std::string path = ShellWord(subject.request.workspace, "WORKSPACE");
  return {{"Run paddock as the owner of the workspace:",
           {absl::StrCat("setpriv --reuid=\"$(stat -c %u ", path, ")\" --regid=\"$(stat -c %g ", path, ")\" \\"),
            "  --clear-groups paddock run -- CMD"}}};
}

std::vector<Remedy> MendRemoteWorkspace(const Subject& subject) {
  const std::string path = ShellWord(subject.request.workspace, "WORKSPACE");
  const std::string name = ShellWord(PathBasename(subject.request.workspace), "NAME");
  return {{"Work on a checkout on a local file system:",
           {absl::StrCat("git clone \"$(git -C ", path, " remote get-url origin)\" ~/src/", name)}}};
}

}  // namespace paddock
