#include "core/host/windows_decode.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/windows_path.h"

namespace paddock {
namespace {

// By number: Microsoft Learn, "GetProductInfo function" (CORE*, PROFESSIONAL*, ...). By name: what the registry and
// DISM's /Get-CurrentEdition call the same edition. The N editions, which lack media features, and those for one
// language or country count as the edition that they are of; EnterpriseS is the long-term servicing channel.
struct SkuRow {
  uint32_t number;
  absl::string_view edition;
  WindowsSku sku;
};
constexpr SkuRow kSkus[] = {
    {0x62, "CoreN", WindowsSku::kHome},
    {0x63, "CoreCountrySpecific", WindowsSku::kHome},
    {0x64, "CoreSingleLanguage", WindowsSku::kHome},
    {0x65, "Core", WindowsSku::kHome},
    {0x30, "Professional", WindowsSku::kPro},
    {0x31, "ProfessionalN", WindowsSku::kPro},
    {0xA4, "ProfessionalEducation", WindowsSku::kPro},
    {0xA5, "ProfessionalEducationN", WindowsSku::kPro},
    {0xA1, "ProfessionalWorkstation", WindowsSku::kProWorkstation},
    {0xA2, "ProfessionalWorkstationN", WindowsSku::kProWorkstation},
    {0x04, "Enterprise", WindowsSku::kEnterprise},
    {0x1B, "EnterpriseN", WindowsSku::kEnterprise},
    {0x48, "EnterpriseEval", WindowsSku::kEnterprise},
    {0x54, "EnterpriseNEval", WindowsSku::kEnterprise},
    {0x7D, "EnterpriseS", WindowsSku::kEnterprise},
    {0x7E, "EnterpriseSN", WindowsSku::kEnterprise},
    {0x81, "EnterpriseSEval", WindowsSku::kEnterprise},
    {0x82, "EnterpriseSNEval", WindowsSku::kEnterprise},
    {0x79, "Education", WindowsSku::kEducation},
    {0x7A, "EducationN", WindowsSku::kEducation},
};

constexpr uint32_t kVmx = 1u << 5, kHypervisorPresent = 1u << 31, kSvm = 1u << 2, kCreatePartitions = 1u;
constexpr uint32_t kMicrosoftInterface = 0x31237648;  // "Hv#1"

constexpr uint32_t kDriveRemovable = 2, kDriveFixed = 3, kDriveRemote = 4, kDriveOptical = 5, kDriveRam = 6;

// "\\server\share\rest" → {"server", "share"}; empty for anything else.
std::pair<std::string, std::string> ServerAndShare(absl::string_view path) {
  if (!absl::StartsWith(path, "\\\\") || absl::StartsWith(path, "\\\\?") || absl::StartsWith(path, "\\\\.")) return {};
  path.remove_prefix(2);
  const size_t end = path.find('\\');
  if (end == absl::string_view::npos || end == 0) return {};
  const absl::string_view rest = path.substr(end + 1);
  return {std::string(path.substr(0, end)), std::string(rest.substr(0, rest.find('\\')))};
}

bool IsUnc(absl::string_view path) { return !ServerAndShare(path).first.empty(); }

// "C:\\a" or "\\\\server\\share\\a": one of the forms that people write.
bool IsUsual(absl::string_view path) {
  const auto parsed = WindowsPath::Parse(path);
  return parsed.ok() && parsed->IsAbsolute() && !parsed->IsVerbatim() && parsed->kind() != WindowsPathKind::kDevice;
}

WorkspacePlace InDistribution(std::string distribution, std::string source, std::string real_path) {
  return {WorkspaceLocation::kWslDistribution, std::move(source), std::move(distribution), std::move(real_path)};
}

// A drive letter that stands for something elsewhere: a share, or a WSL distribution behind one.
std::optional<WorkspacePlace> BehindLetter(const VolumeObservations& seen, const std::string& real_path) {
  std::string target = seen.remote_name, by = "WNetGetConnection";
  if (target.empty() && absl::StartsWithIgnoreCase(seen.dos_device, "\\??\\UNC\\")) {
    target = absl::StrCat("\\\\", seen.dos_device.substr(8));
    by = "QueryDosDevice";
  }
  if (target.empty()) return std::nullopt;
  const std::string source = absl::StrCat(by, ": ", target);
  if (std::string distribution = WslDistributionOf(target); !distribution.empty()) {
    return InDistribution(std::move(distribution), source, real_path);
  }
  return WorkspacePlace{WorkspaceLocation::kMappedDrive, source, "", real_path};
}

WorkspacePlace OnVolume(const VolumeObservations& seen, std::string real_path) {
  switch (seen.drive_type) {
    case kDriveFixed:
      return {WorkspaceLocation::kLocal, "GetDriveType: fixed", "", std::move(real_path)};
    case kDriveRam:
      return {WorkspaceLocation::kLocal, "GetDriveType: RAM disk", "", std::move(real_path)};
    case kDriveRemovable:
      return {WorkspaceLocation::kRemovable, "GetDriveType: removable", "", std::move(real_path)};
    case kDriveOptical:
      return {WorkspaceLocation::kRemovable, "GetDriveType: optical", "", std::move(real_path)};
    case kDriveRemote:
      return {WorkspaceLocation::kMappedDrive, "GetDriveType: remote", "", std::move(real_path)};
    default:
      return {WorkspaceLocation::kUnknown, absl::StrCat("GetDriveType: ", seen.drive_type), "", std::move(real_path)};
  }
}

}  // namespace

std::optional<WindowsSku> SkuOfProduct(uint32_t product_info) {
  for (const SkuRow& row : kSkus) {
    if (row.number == product_info) return row.sku;
  }
  return std::nullopt;
}

std::optional<WindowsSku> SkuOfEdition(absl::string_view edition_id) {
  for (const SkuRow& row : kSkus) {
    if (absl::EqualsIgnoreCase(row.edition, edition_id)) return row.sku;
  }
  return std::nullopt;
}

std::string WindowsName(absl::string_view product_name, uint32_t build, absl::string_view display_version) {
  constexpr uint32_t kFirstWindows11 = 22000;
  std::string name(product_name.empty() ? "Windows" : product_name);
  if (build >= kFirstWindows11 && absl::StartsWith(name, "Windows 10")) name.replace(0, 10, "Windows 11");
  return display_version.empty() ? name : absl::StrCat(name, " ", display_version);
}

std::string ArchitectureOf(uint16_t machine) {
  switch (machine) {
    case 0x8664:
      return "x86_64";
    case 0xAA64:
      return "aarch64";
    case 0x014c:
      return "x86";
    case 0x01c4:
      return "arm";
    default:
      return absl::StrFormat("machine 0x%04x", machine);
  }
}

Fact HypervisorFact(const std::optional<CpuidLeaves>& cpuid) {
  if (!cpuid.has_value()) return {Tri::kUnknown, "no CPUID on this processor"};
  const bool present = (cpuid->leaf1_ecx & kHypervisorPresent) != 0;
  if (!present) return No("CPUID 1 ECX[31]");
  const bool microsoft = cpuid->hypervisor_interface_eax == kMicrosoftInterface;
  return Yes(microsoft ? "CPUID 1 ECX[31], interface Hv#1" : "CPUID 1 ECX[31]");
}

Fact NestedVirtualizationFact(const std::optional<CpuidLeaves>& cpuid) {
  if (!cpuid.has_value()) return {Tri::kUnknown, "no CPUID on this processor"};
  if ((cpuid->leaf1_ecx & kHypervisorPresent) == 0) return {Tri::kUnknown, "no hypervisor below"};
  const bool microsoft = cpuid->hypervisor_interface_eax == kMicrosoftInterface;
  if (microsoft && (cpuid->hypervisor_privileges_ebx & kCreatePartitions) != 0) {
    return {Tri::kUnknown, "the hypervisor is this system's own (CPUID 0x40000003 EBX[0])"};
  }
  if ((cpuid->leaf1_ecx & kVmx) != 0) return Yes("CPUID 1 ECX[5] (VMX) below a hypervisor");
  if ((cpuid->extended1_ecx & kSvm) != 0) return Yes("CPUID 0x80000001 ECX[2] (SVM) below a hypervisor");
  return No("a virtual machine: neither VMX nor SVM in CPUID");
}

std::vector<WslDistribution> DistributionsOf(const std::vector<LxssEntry>& entries, absl::string_view default_key) {
  constexpr uint32_t kInstalled = 1, kVersion2 = 8;
  std::vector<WslDistribution> distributions;
  for (const LxssEntry& entry : entries) {
    if (!entry.name.has_value() || entry.name->empty()) continue;
    WslDistribution distribution;
    distribution.name = *entry.name;
    distribution.version.source = "Lxss Flags & 8";
    if (entry.flags.has_value()) distribution.version.value = (*entry.flags & kVersion2) != 0 ? 2 : 1;
    distribution.is_default = !default_key.empty() && absl::EqualsIgnoreCase(entry.key, default_key);
    if (entry.base_path.has_value()) distribution.identity = absl::StrCat(entry.key, " ", *entry.base_path);
    distribution.installed.source = "Lxss State";
    if (entry.state.has_value()) distribution.installed = YesIf(*entry.state == kInstalled, "Lxss State");
    for (Fact* fact : {&distribution.landlock, &distribution.user_namespaces, &distribution.bubblewrap,
                       &distribution.network_namespace}) {
      fact->source = "not asked: it would start the distribution";
    }
    distributions.push_back(std::move(distribution));
  }
  std::sort(distributions.begin(), distributions.end(),
            [](const WslDistribution& a, const WslDistribution& b) { return a.name < b.name; });
  return distributions;
}

Fact MirroredNetworkingFact(const std::optional<std::string>& wslconfig) {
  const std::string source = ".wslconfig networkingMode";
  if (!wslconfig.has_value()) return No("no .wslconfig");
  bool in_section = false, mirrored = false;
  for (absl::string_view line : absl::StrSplit(*wslconfig, '\n')) {
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (absl::StartsWith(line, "[")) {
      in_section = absl::EqualsIgnoreCase(line, "[wsl2]") || absl::EqualsIgnoreCase(line, "[experimental]");
      continue;
    }
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (!in_section || !absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(pair.first), "networkingMode")) continue;
    const absl::string_view value = absl::StripAsciiWhitespace(pair.second);
    mirrored |= absl::EqualsIgnoreCase(value, "mirrored") || absl::EqualsIgnoreCase(value, "\"mirrored\"");
  }
  return YesIf(mirrored, source);
}

Fact OptionalFeatureFact(std::optional<uint32_t> install_state, std::string source) {
  constexpr uint32_t kEnabled = 1, kDisabled = 2, kAbsent = 3, kUnknown = 4;
  switch (install_state.value_or(kUnknown)) {
    case kEnabled:
      return Yes(std::move(source));
    case kDisabled:
    case kAbsent:
      return No(std::move(source));
    default:
      return {Tri::kUnknown, std::move(source)};
  }
}

Fact AppControlFact(const AppControl& seen) {
  constexpr uint32_t kUserMode = 0x4, kAuditOnly = 0x8;
  const uint32_t options = seen.code_integrity_options.value_or(0);
  if ((options & kUserMode) != 0 && (options & kAuditOnly) == 0)
    return Yes("SystemCodeIntegrityInformation: user mode");
  if (seen.applocker_enforcement == 1u) return Yes("SrpV2\\Exe EnforcementMode");
  // Without a mode of its own a collection that has rules is enforced (Microsoft Learn, "AppLocker: rule enforcement").
  if (seen.applocker_rules && !seen.applocker_enforcement.has_value()) return Yes("SrpV2\\Exe without EnforcementMode");
  if (!seen.code_integrity_options.has_value()) return {Tri::kUnknown, "SystemCodeIntegrityInformation: no answer"};
  return No("SystemCodeIntegrityInformation, SrpV2\\Exe");
}

Fact SecondaryLogonFact(std::optional<uint32_t> start_type, bool absent) {
  constexpr uint32_t kDisabled = 4;
  if (absent) return No("no service seclogon");
  if (!start_type.has_value()) return {Tri::kUnknown, "QueryServiceConfig seclogon: no answer"};
  return YesIf(*start_type != kDisabled, absl::StrCat("QueryServiceConfig seclogon: start type ", *start_type));
}

std::string WithoutVerbatimPrefix(absl::string_view path) {
  if (absl::StartsWithIgnoreCase(path, "\\\\?\\UNC\\")) return absl::StrCat("\\\\", path.substr(8));
  const absl::string_view rest = absl::StripPrefix(path, "\\\\?\\");
  return std::string(rest.size() != path.size() && IsUsual(rest) ? rest : path);
}

std::string WithoutSubst(const std::string& path, absl::string_view dos_device) {
  const bool has_drive = path.size() >= 2 && path[1] == ':';
  if (!has_drive || !absl::ConsumePrefix(&dos_device, "\\??\\") || !IsUsual(dos_device)) return path;
  const auto resolved = WindowsPath::Parse(absl::StrCat(dos_device, "\\", path.substr(2)));
  return resolved.ok() ? resolved->ToString() : path;
}

std::string WslDistributionOf(absl::string_view path) {
  const auto [server, share] = ServerAndShare(path);
  const bool wsl = absl::EqualsIgnoreCase(server, "wsl$") || absl::EqualsIgnoreCase(server, "wsl.localhost");
  return wsl ? share : "";
}

WorkspacePlace PlaceOf(const VolumeObservations& seen) {
  const std::string final_path = seen.final_path.has_value() ? WithoutVerbatimPrefix(*seen.final_path) : "";
  for (const std::string& path : {final_path, seen.path}) {
    std::string distribution = WslDistributionOf(path);
    if (distribution.empty()) continue;
    std::string source = absl::StrCat("server name ", ServerAndShare(path).first);
    return InDistribution(std::move(distribution), std::move(source), final_path.empty() ? path : final_path);
  }
  if (auto place = BehindLetter(seen, final_path)) return *std::move(place);
  if (IsUnc(final_path)) return {WorkspaceLocation::kUnc, "final path \\\\?\\UNC\\", "", final_path};
  if (IsUnc(seen.path)) return {WorkspaceLocation::kUnc, "the path itself", "", final_path};
  if (final_path.empty()) {
    return {WorkspaceLocation::kUnknown, absl::StrCat("it could not be opened: ", seen.not_opened), "", ""};
  }
  if (!IsUsual(final_path)) {
    return {WorkspaceLocation::kUnknown, absl::StrCat("final path ", final_path), "", ""};
  }
  if (!seen.sync_root.empty() && seen.drive_type != kDriveRemote) {
    return {WorkspaceLocation::kSynced, absl::StrCat(seen.sync_source, ": ", seen.sync_root), "", final_path};
  }
  return OnVolume(seen, final_path);
}

}  // namespace paddock
