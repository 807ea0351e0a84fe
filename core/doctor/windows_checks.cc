#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/doctor/check.h"
#include "core/doctor/commands.h"
#include "core/host/predicates.h"
#include "core/host/wsl.h"

// Commands are PowerShell's. Microsoft Learn: "Windows Sandbox", "Basic commands for WSL", "Run Hyper-V in a Virtual
// Machine with Nested Virtualization", sc.exe config.

namespace paddock {
namespace {

constexpr int kFirstSandboxBuild = 18342;  // Microsoft Learn, "Windows Sandbox", prerequisites

using Location = WorkspaceLocation;

void EnableSandbox(WindowsFacts& windows) {
  windows.windows_sandbox_enabled.value = Tri::kYes;
  windows.windows_sandbox_installed.value = Tri::kYes;
}

WslDistribution& DistributionToMend(Facts& facts) {
  auto& all = facts.host.windows_host.distributions;
  // Without the request: mending the one that would be taken by itself shows what mending is worth.
  const WslDistribution* wanted = WslDistributionFor(Request(), facts);
  const auto found = std::find_if(all.begin(), all.end(), [&](const WslDistribution& d) { return &d == wanted; });
  if (found != all.end()) return *found;
  if (all.empty()) all.emplace_back().name = "Ubuntu";  // what `wsl --install` brings
  if (facts.workspace.location == Location::kWslDistribution && wanted == nullptr) {
    all.front().name = facts.workspace.wsl_distribution;
  }
  return all.front();
}

// As a distribution that `wsl --install` brings.
void MendDistribution(Facts& facts) {
  facts.host.windows_host.wsl_installed.value = Tri::kYes;
  WslDistribution& distribution = DistributionToMend(facts);
  distribution.version.value = 2;
  for (Fact* fact : {&distribution.installed, &distribution.user_namespaces, &distribution.landlock,
                     &distribution.network_namespace}) {
    fact->value = Tri::kYes;
  }
}

void MoveToLocalVolume(Facts& facts) {
  facts.workspace.location = Location::kLocal;
  facts.workspace.persistent_acls.value = Tri::kYes;
}

bool HasWsl1(const WindowsFacts& windows) {
  return std::any_of(windows.distributions.begin(), windows.distributions.end(),
                     [](const WslDistribution& d) { return d.installed.yes() && d.version.value == 1; });
}

const WslDistribution* FirstWsl1(const Subject& s) {
  const WslDistribution* wanted = WslDistributionFor(s.request, s.facts);
  if (wanted != nullptr && wanted->version.value == 1) return wanted;
  for (const WslDistribution& distribution : s.on_windows().distributions) {
    if (distribution.version.value == 1) return &distribution;
  }
  return nullptr;
}

bool LacksWsl2(const Subject& s) {
  const WslDistribution* distribution = WslDistributionFor(s.request, s.facts);
  return s.on_windows().wsl_installed.no() || distribution == nullptr || !IsUsableWsl2(*distribution);
}

std::vector<Remedy> CloneToLocalVolume(const Subject& s) {
  const std::string path = PowerShellWord(s.request.workspace, "WORKSPACE");
  return {{"Work on a checkout on a local NTFS or ReFS volume that nothing synchronises:",
           {absl::StrCat("git clone $(git -C ", path, " remote get-url origin) \"$env:USERPROFILE\\src\\NAME\"")}}};
}

std::string Located(const WorkspaceFacts& workspace) { return workspace.location_source; }

Remedy EnableFeature() {
  return {"In an elevated PowerShell; Windows asks to restart:",
          {"Enable-WindowsOptionalFeature -Online -FeatureName Containers-DisposableClientVM -All"}};
}

bool OnPro(const Subject& s) { return IsProOrHigher(s.on_windows().sku); }

}  // namespace

absl::Span<const Check> WindowsChecks() {
  static const Check kTable[] = {
      // ---- Virtual machines: what WSL2 and Windows Sandbox stand on.
      {"virtualization_disabled", Weight::kIfEffective,
       [](const Subject& s) {
         return !CanRunVirtualMachines(s.on_windows()) && !s.on_windows().nested_virtualization.no();
       },
       [](Facts& f) { f.host.windows_host.virtualization_firmware.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"Virtualization is switched off in the firmware, so neither WSL2 nor Windows Sandbox can start",
                      s.on_windows().virtualization_firmware.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{
             {"Switch it on in the firmware's settings (VT-x, AMD-V or SVM). This restarts into "
              "them, from an elevated prompt:",
              {"shutdown /r /fw /t 0"}}};
       }},

      {"vm_without_nesting", Weight::kIfEffective,
       [](const Subject& s) { return s.on_windows().nested_virtualization.no(); },
       [](Facts& f) { f.host.windows_host.nested_virtualization.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{
             "This is a virtual machine that cannot run virtual machines, so neither WSL2 nor Windows Sandbox "
             "can start",
             s.on_windows().nested_virtualization.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"On the Hyper-V host, elevated, with this machine (NAME) off:",
                                     {"Set-VMProcessor -VMName NAME -ExposeVirtualizationExtensions $true"}}};
       }},

      // ---- WSL2.
      {"wsl2_absent", Weight::kIfEffective, [](const Subject& s) { return LacksWsl2(s) && !HasWsl1(s.on_windows()); },
       MendDistribution,
       [](const Subject& s) {
         return Found{s.on_windows().wsl_installed.no() ? "WSL is not installed"
                                                        : "No distribution is known to be installed as WSL2",
                      s.on_windows().wsl_installed.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{
             {"In an elevated PowerShell; restart when it is done. It turns on the Virtual Machine "
              "Platform, and installs a distribution:",
              {"wsl --install"}}};
       }},

      {"wsl1_only", Weight::kIfEffective, [](const Subject& s) { return LacksWsl2(s) && HasWsl1(s.on_windows()); },
       MendDistribution,
       [](const Subject& s) {
         const WslDistribution* distribution = FirstWsl1(s);
         return Found{"The distribution is WSL1, which has no Linux kernel and so none of its sandboxes",
                      distribution == nullptr ? "" : distribution->version.source};
       },
       [](const Subject& s) {
         const WslDistribution* distribution = FirstWsl1(s);
         const std::string name = PowerShellWord(distribution == nullptr ? "" : distribution->name, "NAME");
         return std::vector<Remedy>{
             {"Convert it; that takes minutes, and its files stay:", {absl::StrCat("wsl --set-version ", name, " 2")}}};
       }},

      {"wsl_distro_lacks_landlock", Weight::kIfEffective,
       [](const Subject& s) {
         const WslDistribution* distribution = WslDistributionFor(s.request, s.facts);
         return !LacksWsl2(s) && LacksConfinement(*distribution);
       },
       MendDistribution,
       [](const Subject& s) {
         const WslDistribution* distribution = WslDistributionFor(s.request, s.facts);
         return Found{"The distribution offers neither user namespaces nor Landlock", distribution->landlock.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{
             {"Get the newest kernel for WSL, and start it:", {"wsl --update", "wsl --shutdown"}}};
       }},

      {"wsl_distribution_unprobed", Weight::kNotMendable,
       [](const Subject& s) {
         const WslDistribution* distribution = WslDistributionFor(s.request, s.facts);
         return !LacksWsl2(s) && IsUnprobed(*distribution);
       },
       MendDistribution,
       [](const Subject& s) {
         const WslDistribution* distribution = WslDistributionFor(s.request, s.facts);
         return Found{"What the distribution's kernel offers is not known, so its levels count as the lowest",
                      distribution->landlock.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"Nothing to do: it is asked before a command starts in it.", {}}};
       }},

      // ---- Windows Sandbox.
      {"sku_home_no_hyperv", Weight::kNotMendable,
       [](const Subject& s) { return s.on_windows().sku == WindowsSku::kHome; },
       [](Facts& f) {
         f.host.windows_host.sku = WindowsSku::kPro;
         EnableSandbox(f.host.windows_host);
       },
       [](const Subject& s) {
         return Found{"Windows Home does not carry Windows Sandbox", s.on_windows().sku_source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"No command mends this: it takes an upgrade to Pro.", {}}};
       }},

      {"sku_server_no_windows_sandbox", Weight::kNotMendable,
       [](const Subject& s) { return s.on_windows().sku == WindowsSku::kServer; },
       [](Facts& f) {
         f.host.windows_host.sku = WindowsSku::kPro;
         EnableSandbox(f.host.windows_host);
       },
       [](const Subject& s) {
         return Found{"Windows Server does not carry Windows Sandbox", s.on_windows().sku_source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"No command mends this: it takes a Pro or Enterprise client.", {}}};
       }},

      {"sku_unknown", Weight::kNotMendable, [](const Subject& s) { return s.on_windows().sku == WindowsSku::kUnknown; },
       [](Facts& f) {
         f.host.windows_host.sku = WindowsSku::kPro;
         EnableSandbox(f.host.windows_host);
       },
       [](const Subject& s) {
         return Found{"The edition of Windows is not known, so what Pro carries counts as absent",
                      s.on_windows().sku_source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"See what was asked:", {"paddock probe"}}};
       }},

      {"windows_build_too_old", Weight::kIfEffective,
       [](const Subject& s) {
         return OnPro(s) && s.on_windows().build.known() && *s.on_windows().build.value < kFirstSandboxBuild;
       },
       [](Facts& f) { f.host.windows_host.build.value = kFirstSandboxBuild; },
       [](const Subject& s) {
         return Found{absl::StrCat("Build ", *s.on_windows().build.value, " is older than Windows Sandbox (",
                                   kFirstSandboxBuild, ")"),
                      s.on_windows().build.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"Update Windows.", {}}};
       }},

      {"feature_disabled", Weight::kIfEffective,
       [](const Subject& s) { return OnPro(s) && s.on_windows().windows_sandbox_enabled.no(); },
       [](Facts& f) { EnableSandbox(f.host.windows_host); },
       [](const Subject& s) {
         return Found{"The feature Windows Sandbox is switched off", s.on_windows().windows_sandbox_enabled.source};
       },
       [](const Subject&) { return std::vector<Remedy>{EnableFeature()}; }},

      {"feature_absent", Weight::kIfEffective,
       [](const Subject& s) {
         const WindowsFacts& windows = s.on_windows();
         return OnPro(s) && windows.windows_sandbox_enabled.yes() && windows.windows_sandbox_installed.no();
       },
       [](Facts& f) { EnableSandbox(f.host.windows_host); },
       [](const Subject& s) {
         return Found{"The feature Windows Sandbox is on, and its program is not there",
                      s.on_windows().windows_sandbox_installed.source};
       },
       [](const Subject&) { return std::vector<Remedy>{EnableFeature()}; }},

      {"feature_unknown", Weight::kIfEffective,
       [](const Subject& s) { return OnPro(s) && s.on_windows().windows_sandbox_enabled.unknown(); },
       [](Facts& f) { EnableSandbox(f.host.windows_host); },
       [](const Subject& s) {
         return Found{"It is not known whether the feature Windows Sandbox is on, which counts as off",
                      s.on_windows().windows_sandbox_enabled.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"Look it up, in an elevated PowerShell:",
                                     {"Get-WindowsOptionalFeature -Online -FeatureName Containers-DisposableClientVM"}},
                                    EnableFeature()};
       }},

      {"sandbox_instance_running", Weight::kIfEffective,
       [](const Subject& s) { return s.on_windows().windows_sandbox_running.yes(); },
       [](Facts& f) { f.host.windows_host.windows_sandbox_running.value = Tri::kNo; },
       [](const Subject& s) {
         return Found{"A Windows Sandbox that is not ours is running, and there can be only one",
                      s.on_windows().windows_sandbox_running.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"Close its window; what is in it is lost.", {}}};
       }},

      // ---- Composed tokens.
      {"not_provisioned", Weight::kIfEffective,
       [](const Subject& s) { return !s.on_windows().provisioned.yes() && !s.on_windows().domain_controller.yes(); },
       [](Facts& f) {
         f.host.windows_host.provisioned.value = Tri::kYes;
         f.host.windows_host.network_filter_verified.value = Tri::kYes;
       },
       [](const Subject& s) {
         return Found{"There is no dedicated user to run commands as, nor a network filter for it",
                      s.on_windows().provisioned.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{
             {"Once, with an administrator's yes; `paddock teardown` undoes it:", {"paddock setup"}}};
       }},

      {"domain_controller", Weight::kNotMendable,
       [](const Subject& s) { return s.on_windows().domain_controller.yes(); },
       [](Facts& f) {
         f.host.windows_host.domain_controller.value = Tri::kNo;
         f.host.windows_host.provisioned.value = Tri::kYes;
         f.host.windows_host.network_filter_verified.value = Tri::kYes;
       },
       [](const Subject& s) {
         return Found{"A domain controller has no local users, so there can be no dedicated one",
                      s.on_windows().domain_controller.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"No command mends this: run on a machine that is no domain controller.", {}}};
       }},

      {"network_filter_unverified", Weight::kIfEffective,
       [](const Subject& s) {
         return s.on_windows().provisioned.yes() && !s.on_windows().network_filter_verified.yes();
       },
       [](Facts& f) { f.host.windows_host.network_filter_verified.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"The connection that the dedicated user's network filter has to stop was not seen to fail",
                      s.on_windows().network_filter_verified.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{
             {"Each run without the network tests it: let one do so, and if that says that the filter "
              "does not hold, make it anew:",
              {"paddock run -- cmd /c ver", "paddock setup"}}};
       }},

      {"seclogon_disabled", Weight::kIfEffective, [](const Subject& s) { return !s.on_windows().seclogon.yes(); },
       [](Facts& f) { f.host.windows_host.seclogon.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{
             "The secondary logon service, which starts the dedicated user's runner, is not known to be usable",
             s.on_windows().seclogon.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"In an elevated prompt:", {"sc.exe config seclogon start= demand"}}};
       }},

      {"app_control_enforced", Weight::kIfEffective,
       [](const Subject& s) { return !s.on_windows().app_control_enforced.no(); },
       [](Facts& f) { f.host.windows_host.app_control_enforced.value = Tri::kNo; },
       [](const Subject& s) {
         return Found{s.on_windows().app_control_enforced.yes()
                          ? "Application control (WDAC or AppLocker) would stop the dedicated user's runner"
                          : "It is not known whether application control would stop the dedicated user's runner",
                      s.on_windows().app_control_enforced.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{
             {"Let the administrator allow Paddock's runner in the policy, by its publisher or its hash.", {}}};
       }},

      {"in_job", Weight::kIfEffective, [](const Subject& s) { return !s.on_windows().in_job.no(); },
       [](Facts& f) { f.host.windows_host.in_job.value = Tri::kNo; },
       [](const Subject& s) {
         return Found{s.on_windows().in_job.yes()
                          ? "This process is in a job that forbids one of ours inside, so the tree cannot be ended or "
                            "limited as one"
                          : "It is not known whether a job around this process forbids one of ours inside",
                      s.on_windows().in_job.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{
             {"Start paddock outside that job: from a plain terminal, not from the program that "
              "made it.",
              {}}};
       }},

      {"window_station_unavailable", Weight::kIfEffective,
       [](const Subject& s) { return !s.on_windows().window_station.yes(); },
       [](Facts& f) { f.host.windows_host.window_station.value = Tri::kYes; },
       [](const Subject& s) {
         return Found{"No window station of its own is known to be possible", s.on_windows().window_station.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"Run paddock in an interactive session, not in a service's.", {}}};
       }},

      {"launcher_elevated", Weight::kAdvice, [](const Subject& s) { return s.on_windows().elevated.yes(); },
       [](Facts& f) { f.host.windows_host.elevated.value = Tri::kNo; },
       [](const Subject& s) {
         return Found{"Paddock was started elevated; the token has to be lowered by hand",
                      s.on_windows().elevated.source};
       },
       [](const Subject&) {
         return std::vector<Remedy>{{"Start it from a terminal that is not elevated.", {}}};
       }},

      // ---- The workspace.
      {"workspace_on_network", Weight::kByEffect,
       [](const Subject& s) {
         const Location location = s.facts.workspace.location;
         return location == Location::kUnc || location == Location::kNetworkFilesystem;
       },
       MoveToLocalVolume,
       [](const Subject& s) {
         return Found{"The workspace is on another machine, where ACL edits replicate and break",
                      Located(s.facts.workspace)};
       },
       CloneToLocalVolume},

      {"workspace_on_mapped_drive", Weight::kByEffect,
       [](const Subject& s) { return s.facts.workspace.location == Location::kMappedDrive; }, MoveToLocalVolume,
       [](const Subject& s) {
         return Found{"The workspace is on a mapped network drive, where ACL edits replicate and break",
                      Located(s.facts.workspace)};
       },
       CloneToLocalVolume},

      {"workspace_synced", Weight::kByEffect,
       [](const Subject& s) { return s.facts.workspace.location == Location::kSynced; }, MoveToLocalVolume,
       [](const Subject& s) {
         return Found{"The workspace is in a folder that is synchronised with a cloud, where ACL edits get orphaned",
                      Located(s.facts.workspace)};
       },
       CloneToLocalVolume},

      {"filesystem_without_acls", Weight::kByEffect,
       [](const Subject& s) {
         const Location location = s.facts.workspace.location;
         return (location == Location::kLocal || location == Location::kRemovable) &&
                !s.facts.workspace.persistent_acls.yes();
       },
       MoveToLocalVolume,
       [](const Subject& s) {
         return Found{absl::StrCat("The workspace's volume is not known to keep access control lists",
                                   s.facts.workspace.filesystem.empty() ? "" : " (", s.facts.workspace.filesystem,
                                   s.facts.workspace.filesystem.empty() ? "" : ")"),
                      s.facts.workspace.persistent_acls.source};
       },
       CloneToLocalVolume},

      {"workspace_location_unknown", Weight::kByEffect,
       [](const Subject& s) { return s.facts.workspace.location == Location::kUnknown; }, MoveToLocalVolume,
       [](const Subject& s) {
         return Found{"It is not known what kind of volume holds the workspace", Located(s.facts.workspace)};
       },
       CloneToLocalVolume},
  };
  return kTable;
}

}  // namespace paddock
