#include "core/platform/windows/version_facts.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(_M_X64) || defined(_M_IX86)
#include <intrin.h>
#endif

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/host/windows_decode.h"
#include "core/platform/windows/registry.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

// GetVersionEx answers with what the program's manifest names; this one with what is there (Microsoft Learn,
// "RtlGetVersion").
std::optional<OSVERSIONINFOEXW> TrueVersion() {
  using RtlGetVersion = LONG(WINAPI*)(OSVERSIONINFOEXW*);
  const auto ntdll = SystemLibrary::Load("ntdll.dll");
  if (!ntdll.ok()) return std::nullopt;
  const auto get_version = ntdll->Find<RtlGetVersion>("RtlGetVersion");
  OSVERSIONINFOEXW version = {};
  version.dwOSVersionInfoSize = sizeof(version);
  if (get_version == nullptr || get_version(&version) != 0) return std::nullopt;
  return version;
}

// The machine's own, also for a program that is emulated on it.
uint16_t NativeMachine() {
  using IsWow64Process2 = BOOL(WINAPI*)(HANDLE, USHORT*, USHORT*);
  USHORT process = 0, native = 0;
  const auto kernel = SystemLibrary::Load("kernel32.dll");
  if (kernel.ok()) {
    const auto ask = kernel->Find<IsWow64Process2>("IsWow64Process2");
    if (ask != nullptr && ask(GetCurrentProcess(), &process, &native) && native != 0) return native;
  }
  SYSTEM_INFO info = {};
  GetNativeSystemInfo(&info);
  switch (info.wProcessorArchitecture) {
    case PROCESSOR_ARCHITECTURE_AMD64:
      return IMAGE_FILE_MACHINE_AMD64;
    case PROCESSOR_ARCHITECTURE_INTEL:
      return IMAGE_FILE_MACHINE_I386;
    default:
      return 0;
  }
}

struct Product {
  std::string name, edition, display_version;
};

Product ProductOfRegistry() {
  Product product;
  const auto key = RegistryKey::Open(HKEY_LOCAL_MACHINE, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion");
  if (!key.ok()) return product;
  product.name = key->Text("ProductName").value_or("");
  product.edition = key->Text("EditionID").value_or("");
  product.display_version = key->Text("DisplayVersion").value_or(key->Text("ReleaseId").value_or(""));
  return product;
}

// The registry's name decides where the number tells nothing, as on an edition that is newer than the table.
void AddSku(const OSVERSIONINFOEXW& version, const std::string& edition, WindowsFacts* facts) {
  DWORD number = 0;
  GetProductInfo(version.dwMajorVersion, version.dwMinorVersion, 0, 0, &number);
  facts->sku_source = absl::StrFormat("GetProductInfo 0x%X, wProductType %d", number, version.wProductType);
  if (version.wProductType != VER_NT_WORKSTATION) {
    facts->sku = WindowsSku::kServer;
  } else if (const auto known = SkuOfProduct(number)) {
    facts->sku = *known;
  } else if (const auto named = SkuOfEdition(edition)) {
    facts->sku = *named;
    absl::StrAppend(&facts->sku_source, ", EditionID ", edition);
  }
}

std::optional<CpuidLeaves> ReadCpuid() {
#if defined(__x86_64__) || defined(__i386__)
  CpuidLeaves leaves;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return std::nullopt;
  leaves.leaf1_ecx = c;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d) != 0) leaves.extended1_ecx = c;
  if ((leaves.leaf1_ecx & 0x80000000u) == 0) return leaves;
  __cpuid(0x40000000, a, b, c, d);
  const unsigned last = a;
  __cpuid(0x40000001, a, b, c, d);
  leaves.hypervisor_interface_eax = a;
  if (last >= 0x40000003) {
    __cpuid(0x40000003, a, b, c, d);
    leaves.hypervisor_privileges_ebx = b;
  }
  return leaves;
#elif defined(_M_X64) || defined(_M_IX86)
  CpuidLeaves leaves;
  int words[4] = {};  // eax, ebx, ecx, edx
  __cpuid(words, 1);
  leaves.leaf1_ecx = static_cast<uint32_t>(words[2]);
  __cpuid(words, static_cast<int>(0x80000000u));
  if (static_cast<uint32_t>(words[0]) >= 0x80000001u) {
    __cpuid(words, static_cast<int>(0x80000001u));
    leaves.extended1_ecx = static_cast<uint32_t>(words[2]);
  }
  if ((leaves.leaf1_ecx & 0x80000000u) == 0) return leaves;
  __cpuid(words, 0x40000000);
  const uint32_t last = static_cast<uint32_t>(words[0]);
  __cpuid(words, 0x40000001);
  leaves.hypervisor_interface_eax = static_cast<uint32_t>(words[0]);
  if (last >= 0x40000003) {
    __cpuid(words, 0x40000003);
    leaves.hypervisor_privileges_ebx = static_cast<uint32_t>(words[1]);
  }
  return leaves;
#else
  return std::nullopt;
#endif
}

}  // namespace

void AddVersionFacts(HostFacts* facts) {
  WindowsFacts& windows = facts->windows_host;
  facts->architecture = ArchitectureOf(NativeMachine());
  const Product product = ProductOfRegistry();
  const auto version = TrueVersion();
  if (!version.has_value()) {
    windows.sku_source = windows.build.source = windows.domain_controller.source = windows.lpac.source =
        "RtlGetVersion: no answer";
    facts->os_name = WindowsName(product.name, 0, product.display_version);
    return;
  }
  facts->os_name = WindowsName(product.name, version->dwBuildNumber, product.display_version);
  windows.build = {static_cast<int>(version->dwBuildNumber), "RtlGetVersion"};
  AddSku(*version, product.edition, &windows);
  windows.domain_controller =
      YesIf(version->wProductType == VER_NT_DOMAIN_CONTROLLER, absl::StrCat("wProductType ", version->wProductType));
  constexpr DWORD kFirstWithLpac = 15063;
  windows.lpac = YesIf(version->dwBuildNumber >= kFirstWithLpac, "build >= 15063");
}

void AddHypervisorFacts(WindowsFacts* facts) {
  const auto cpuid = ReadCpuid();
  facts->hypervisor = HypervisorFact(cpuid);
  facts->nested_virtualization = NestedVirtualizationFact(cpuid);
  constexpr DWORD kVirtualizationFirmwareEnabled = 21;  // PF_VIRT_FIRMWARE_ENABLED
  facts->virtualization_firmware =
      YesIf(IsProcessorFeaturePresent(kVirtualizationFirmwareEnabled) != 0, "PF_VIRT_FIRMWARE_ENABLED");
}

}  // namespace paddock
