#ifndef PADDOCK_CORE_HOST_WINDOWS_DECODE_H_
#define PADDOCK_CORE_HOST_WINDOWS_DECODE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/host/facts.h"

// From what Windows answers (numbers, registry values, paths) to facts. Pure and portable: the probe in
// core/platform/windows asks, this decides what the answer means, and it is tested on every system. What was not
// answered is std::nullopt, and becomes an unknown fact.

namespace paddock {

// A client's edition, by GetProductInfo's number (Microsoft Learn, "GetProductInfo function"), or by the registry's
// EditionID
// ("Core", "ProfessionalN"; whatever the case). Nothing for what is not listed, servers among that.
std::optional<WindowsSku> SkuOfProduct(uint32_t product_info);
std::optional<WindowsSku> SkuOfEdition(absl::string_view edition_id);

// "Windows 11 Pro 23H2". `product_name` as in the registry, which goes on to say "Windows 10" on Windows 11: from build
// 22000 on it is replaced. Servers keep theirs. `display_version` ("23H2") may be empty.
std::string WindowsName(absl::string_view product_name, uint32_t build, absl::string_view display_version);

// "x86_64", "aarch64", "x86", "arm"; a number for others. `machine`: IMAGE_FILE_MACHINE_* of the host's own code.
std::string ArchitectureOf(uint16_t machine);

// CPUID, x86 alone. The leaves of the hypervisor count only if leaf 1 says that there is one.
struct CpuidLeaves {
  uint32_t leaf1_ecx = 0;                  // bit 5 VMX, bit 31 hypervisor present
  uint32_t extended1_ecx = 0;              // leaf 0x80000001: bit 2 SVM
  uint32_t hypervisor_interface_eax = 0;   // leaf 0x40000001: "Hv#1" for Microsoft's interface
  uint32_t hypervisor_privileges_ebx = 0;  // leaf 0x40000003: bit 0 CreatePartitions, the root partition's alone
};
Fact HypervisorFact(const std::optional<CpuidLeaves>& cpuid);
// Hypervisor Top Level Functional Specification: a system that may create partitions is the machine's own Windows,
// which shares it with Hyper-V; any other below a hypervisor is a virtual machine, and can run others if it sees VMX or
// SVM.
Fact NestedVirtualizationFact(const std::optional<CpuidLeaves>& cpuid);

// One subkey of HKCU\Software\Microsoft\Windows\CurrentVersion\Lxss.
struct LxssEntry {
  std::string key;  // "{guid}"
  std::optional<std::string> name;
  std::optional<uint32_t> state;         // 1: installed
  std::optional<uint32_t> flags;         // 8: WSL2; the value "Version" is that of the format, not of WSL
  std::optional<std::string> base_path;  // where its disk lies
};
// Sorted by name. Entries without a name, which WSL does not list either, are left out. `default_key` may be empty.
std::vector<WslDistribution> DistributionsOf(const std::vector<LxssEntry>& entries, absl::string_view default_key);

// Whether WSL2 shares the network of Windows, by %USERPROFILE%\.wslconfig: `networkingMode` of its section [wsl2] or
// [experimental]. Without the file or the key it does not (Microsoft Learn, "Advanced settings configuration in WSL").
Fact MirroredNetworkingFact(const std::optional<std::string>& wslconfig);

// Win32_OptionalFeature.InstallState: 1 on, 2 off, 3 absent, 4 unknown (Microsoft Learn).
Fact OptionalFeatureFact(std::optional<uint32_t> install_state, std::string source);

// What NtQuerySystemInformation(SystemCodeIntegrityInformation) and AppLocker's policy say.
struct AppControl {
  std::optional<uint32_t> code_integrity_options;  // 0x4: user mode code is checked; 0x8: but only audited
  bool applocker_rules = false;                    // HKLM\SOFTWARE\Policies\Microsoft\Windows\SrpV2\Exe is there
  std::optional<uint32_t> applocker_enforcement;   // its EnforcementMode: 1 enforced, 0 audited
};
Fact AppControlFact(const AppControl& seen);

// QUERY_SERVICE_CONFIG.dwStartType of the secondary logon service: 4 is disabled.
Fact SecondaryLogonFact(std::optional<uint32_t> start_type, bool absent);

// Where a workspace lies, by what the system says of its path.
struct VolumeObservations {
  std::string path;                       // as asked for, absolute and normal
  std::optional<std::string> final_path;  // GetFinalPathNameByHandle: links, junctions and subst drives resolved
  std::string not_opened;                 // why there is none
  uint32_t drive_type = 0;  // GetDriveType of the final path's volume: 2 removable, 3 fixed, 4 remote, ...
  std::string dos_device;   // QueryDosDevice of the asked drive: "\??\C:\dir" for a subst
  std::string remote_name;  // WNetGetConnection of the asked or final drive; empty: none
  std::string sync_root;    // who synchronises it, if somebody does
  std::string sync_source;  // how that is known
};

struct WorkspacePlace {
  WorkspaceLocation location = WorkspaceLocation::kUnknown;
  std::string source;
  std::string distribution;  // with kWslDistribution
  std::string real_path;     // empty: not known
};
// The strictest answer first: a path of a WSL distribution, then anything remote, then synced folders. A path that
// could not be opened is of unknown location unless its text alone says enough: a junction may lead anywhere.
WorkspacePlace PlaceOf(const VolumeObservations& seen);

// A path as GetFinalPathNameByHandle gives it: "\\?\C:\a" is "C:\a", "\\?\UNC\server\share\a" is "\\server\share\a".
// Other forms (a volume without a letter) stay.
std::string WithoutVerbatimPrefix(absl::string_view path);

// `path` with its drive replaced by the directory that the drive stands for, if `dos_device` (QueryDosDevice of the
// drive) is that of a subst: "\??\C:\dir". Any other path, one of a drive that stands for a share too, as it is.
std::string WithoutSubst(const std::string& path, absl::string_view dos_device);

// The distribution that a path "\\wsl$\NAME\..." or "\\wsl.localhost\NAME\..." lies in; empty for any other path.
std::string WslDistributionOf(absl::string_view path);

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_WINDOWS_DECODE_H_
