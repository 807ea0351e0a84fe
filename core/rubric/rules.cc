#include <vector>

#include "core/host/predicates.h"
#include "core/host/wsl.h"
#include "core/rubric/rubric.h"

namespace paddock {
namespace {

bool IsCoding(const Request& r) { return r.policy.workload == Workload::kCoding; }
bool IsComputerUse(const Request& r) { return r.policy.workload == Workload::kComputerUse; }

// Conditions, one for each row; the row's operating system has been looked at already.

bool W1(const Request& r, const Facts& f) {
  return IsComputerUse(r) && r.workspace.empty() && WindowsSandboxUsable(f.host.windows_host);
}

bool W1f(const Request& r, const Facts& f) {
  return IsComputerUse(r) && r.workspace.empty() && !WindowsSandboxUsable(f.host.windows_host);
}

bool W1g(const Request& r, const Facts&) { return IsComputerUse(r) && !r.workspace.empty(); }

bool W2(const Request& r, const Facts&) {
  return r.policy.workload == Workload::kPackagedApp && !r.policy.capabilities.empty();
}

bool W3(const Request& r, const Facts&) { return r.policy.workload == Workload::kLowIntegrity; }

bool W4a(const Request& r, const Facts& f) {
  return IsCoding(r) && f.workspace.location == WorkspaceLocation::kWslDistribution;
}

bool W5a(const Request& r, const Facts& f) { return IsCoding(r) && IsOnNetwork(f.workspace); }

bool W5b(const Request& r, const Facts& f) { return IsCoding(r) && f.workspace.location == WorkspaceLocation::kSynced; }

bool IsOnVolume(const WorkspaceFacts& w) {
  return w.location == WorkspaceLocation::kLocal || w.location == WorkspaceLocation::kRemovable;
}

bool W6(const Request& r, const Facts& f) {
  return IsCoding(r) && IsOnVolume(f.workspace) && !f.workspace.persistent_acls.yes();
}

bool W4b(const Request& r, const Facts& f) {
  const Prefer prefer = r.policy.backend.prefer;
  const bool may_be_linux = r.policy.command_os != CommandOs::kNative && prefer != Prefer::kFidelity;
  return IsCoding(r) && Wsl2Usable(r, f) && (prefer == Prefer::kIsolation || may_be_linux);
}

// An edition that is not known counts as Home, the weaker answer.
bool IsHome(WindowsSku sku) { return sku == WindowsSku::kHome || sku == WindowsSku::kUnknown; }

bool W7(const Request& r, const Facts& f) {
  return IsCoding(r) && IsLocalWithAcls(f.workspace) && !IsHome(f.host.windows_host.sku);
}

bool W8(const Request& r, const Facts& f) {
  return IsCoding(r) && IsLocalWithAcls(f.workspace) && IsHome(f.host.windows_host.sku);
}

// Not known counts as possible here: the launcher finds out, and its Unavailable leads on to the next candidate.
bool L1(const Request& r, const Facts& f) { return IsCoding(r) && !f.host.linux_host.user_namespaces.no(); }

bool L2(const Request& r, const Facts& f) {
  const LinuxFacts& host = f.host.linux_host;
  return IsCoding(r) && !host.user_namespaces.yes() && !host.user_namespaces_via_bubblewrap.no() &&
         !host.bubblewrap.path.empty() && host.bubblewrap.trusted.yes();
}

bool L3(const Request& r, const Facts& f) {
  const LinuxFacts& host = f.host.linux_host;
  return IsCoding(r) && !host.user_namespaces.yes() && host.landlock_abi.value.value_or(0) >= 1;
}

bool L4(const Request& r, const Facts& f) { return IsCoding(r) && !L1(r, f) && !L2(r, f) && !L3(r, f); }

bool L5(const Request& r, const Facts& f) { return L1(r, f) && f.host.linux_host.wsl_version.value == 2; }

bool L6(const Request& r, const Facts&) { return !IsCoding(r); }

}  // namespace

absl::Span<const Rule> Rules() {
  static const BackendRef kToken = {"windows_token", ""};
  static const BackendRef kWsl2 = {"wsl2", ""};
  static const BackendRef kSandbox = {"windows_sandbox", ""};
  static const BackendRef kAppContainer = {"appcontainer", ""};
  static const BackendRef kLowIntegrity = {"low_integrity", ""};
  static const BackendRef kNamespaces = {"linux_landlock", "namespaces"};
  static const BackendRef kBubblewrap = {"linux_landlock", "bubblewrap"};
  static const BackendRef kLandlock = {"linux_landlock", "landlock"};

  static const std::vector<Requirement> kTokenDesktop = {{Guarantee::kWrite, write_level::kModifyScoped, true},
                                                         {Guarantee::kUi, ui_level::kPrivateDesktop, true}};
  static const std::vector<Requirement> kMappedWorkspace = {{Guarantee::kWorkspace, workspace_level::kMapped, true}};

  constexpr OsFamily kWin = OsFamily::kWindows;
  constexpr OsFamily kLin = OsFamily::kLinux;
  constexpr bool kStop = true;
  constexpr bool kGoOn = false;

  // clang-format off
  static const Rule kTable[] = {
      {"W1", kWin, "computer-use without a workspace; Pro or higher with Windows Sandbox usable", W1,
       {kSandbox}, {}, kStop,
       "a whole disposable desktop is what it was built for", "",
       "Microsoft Learn, \"Windows Sandbox\""},
      {"W1f", kWin, "computer-use without a workspace; Home, Server, or Windows Sandbox absent, off or not known to be on", W1f,
       {kToken}, kTokenDesktop, kStop,
       "a private desktop under a composed token is what is left without Windows Sandbox", "",
       "Microsoft Learn, \"Windows Sandbox\": Hyper-V's features are absent on Home"},
      {"W1g", kWin, "computer-use with a workspace", W1g,
       {kSandbox}, kMappedWorkspace, kStop,
       "Windows Sandbox maps folders; it does not work on the live checkout", "",
       "Microsoft Learn, \"Windows Sandbox configuration\": MappedFolders"},
      {"W2", kWin, "packaged-app with declared capabilities", W2,
       {kAppContainer}, {}, kStop,
       "the app knows up front what it needs", "",
       "Microsoft Learn, \"App capability declarations\""},
      {"W3", kWin, "low-integrity: protect the host from a low process", W3,
       {kLowIntegrity}, {}, kStop,
       "what mandatory integrity control is for", "",
       "Microsoft Learn, \"Mandatory Integrity Control\""},
      {"W4a", kWin, "coding; the workspace lies inside a WSL distribution (that distribution only, and only as WSL2)", W4a,
       {kWsl2}, {}, kStop,
       "there are no ACLs there, and no drift", "",
       "Microsoft Learn, \"Working across Windows and Linux file systems\""},
      {"W5a", kWin, "coding; a UNC path or a mapped network drive (wsl2 only where it is known to be mounted in the distribution)", W5a,
       {kWsl2}, {}, kStop,
       "ACL edits replicate and break on the network, and drvfs does not mount it by itself", "",
       "a decision of ours: nothing is stamped on another machine's disk"},
      {"W5b", kWin, "coding; a folder synchronised with a cloud", W5b,
       {kWsl2}, {}, kStop,
       "ACL edits get orphaned in synchronised folders", "",
       "observed: a shipped agent's orphaned deny entries left `.git/FETCH_HEAD: Permission denied` behind"},
      {"W6", kWin, "coding; a volume without persistent ACLs, or not known to have them (FAT, exFAT)", W6,
       {kWsl2}, {}, kStop,
       "no ACL, no AND-gate", "",
       "Microsoft Learn, GetVolumeInformation: FILE_PERSISTENT_ACLS"},
      {"W4b", kWin, "coding; WSL2 usable; `prefer = isolation`, or `command_os` is linux or any and `prefer` is not fidelity", W4b,
       {kWsl2, kToken}, {}, kGoOn,
       "with a command that can live in WSL2, Linux-grade isolation wins over file-system drift", "",
       "a decision of ours: reads and network are confined there"},
      {"W7", kWin, "coding; Pro or higher, or Server; a local volume with ACLs", W7,
       {kToken, kWsl2}, {}, kGoOn,
       "composed tokens meet all four conditions of a coding sandbox", "",
       "Microsoft Learn, \"Restricted Tokens\"; the table of conditions"},
      {"W8", kWin, "coding; Home, or an edition that is not known; a local volume with ACLs", W8,
       {kToken, kWsl2}, {}, kGoOn,
       "composed tokens and local users work on Home too, where nothing that needs Hyper-V's feature exists", "",
       "Microsoft Learn, \"Restricted Tokens\"; the table of conditions"},
      {"W0", kWin, "none of the above", nullptr,
       {}, {}, kStop,
       "said, not guessed", "no_rule",
       "a decision of ours: what no rule covers is refused"},

      {"L1", kLin, "coding; user namespaces are not known to be impossible", L1,
       {kNamespaces}, {}, kGoOn,
       "the strongest without privilege: own user, mount, pid, ipc, uts, cgroup and net namespaces, Landlock and seccomp", "",
       "user_namespaces(7), landlock(7), seccomp(2)"},
      {"L2", kLin, "coding; user namespaces refused to us, or not known; bubblewrap trusted and not known to be refused them", L2,
       {kBubblewrap}, {}, kGoOn,
       "only the profiled binary may create user namespaces", "",
       "Ubuntu 24.04 release notes: unprivileged user namespace restrictions"},
      {"L3", kLin, "coding; user namespaces impossible, or not known; Landlock ABI 1 or later", L3,
       {kLandlock}, {}, kGoOn,
       "what the kernel still gives, and the lower levels are reported", "",
       "landlock(7)"},
      {"L4", kLin, "coding; none of L1, L2 and L3", L4,
       {}, {}, kStop,
       "without Landlock and namespaces nothing confines: it fails closed", "userns_denied",
       "a decision of ours: no sandbox, no run"},
      {"L5", kLin, "as L1, inside WSL2", L5,
       {kNamespaces}, {}, kGoOn,
       "as L1, with interop off: a Linux sandbox that can start cmd.exe is no sandbox", "",
       "Microsoft Learn, \"Working across Windows and Linux file systems\": interop"},
      {"L6", kLin, "computer-use, packaged-app or low-integrity", L6,
       {}, {}, kStop,
       "said, not guessed", "workload_unsupported_on_host",
       "a decision of ours: no sandbox for it is built on Linux"},
  };
  // clang-format on
  return kTable;
}

}  // namespace paddock
