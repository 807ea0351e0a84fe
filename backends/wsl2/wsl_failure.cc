#include "backends/wsl2/wsl_failure.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace paddock::wsl2 {
namespace {

struct Marker {
  absl::string_view text;  // in what wsl.exe says
  absl::string_view code;
};
// Microsoft Learn, "Troubleshooting Windows Subsystem for Linux"; names as in the sources of WSL (wslservice.idl).
constexpr Marker kMarkers[] = {
    {"WSL_E_DISTRO_NOT_FOUND", "wsl_distribution_unregistered"},
    {"WSL_E_DEFAULT_DISTRO_NOT_FOUND", "wsl_distribution_unregistered"},
    {"HCS_E_HYPERV_NOT_INSTALLED", "virtualization_disabled"},
    {"0x80370102", "virtualization_disabled"},
    {"HCS_E_SERVICE_NOT_AVAILABLE", "wsl2_absent"},
    {"0x80370114", "wsl2_absent"},
    {"WSL_E_WSL_OPTIONAL_COMPONENT_REQUIRED", "wsl2_absent"},
    {"WSL_E_VIRTUAL_MACHINE_PLATFORM_REQUIRED", "wsl2_absent"},
    {"REGDB_E_CLASSNOTREG", "wsl2_absent"},
    {"0x80040154", "wsl2_absent"},
    {"ERROR_SERVICE_DISABLED", "wsl_service_stopped"},
    {"0x80070422", "wsl_service_stopped"},
    {"ERROR_SERVICE_DOES_NOT_EXIST", "wsl_service_stopped"},
    {"0x80070424", "wsl_service_stopped"},
    {"WSL_E_DISABLED_BY_POLICY", "wsl_service_stopped"},
};

constexpr uint32_t kOwnFailure = 0xFFFFFFFF;

}  // namespace

Reason WslFailure(absl::string_view distribution, absl::string_view said, uint32_t exit_code) {
  said = absl::StripAsciiWhitespace(said);
  const std::string status =
      exit_code == kOwnFailure ? "failed by itself (0xFFFFFFFF)" : absl::StrCat("ended with ", exit_code);
  const std::string detail = absl::StrCat("wsl.exe, asked to start the relay in '", distribution, "', ", status,
                                          said.empty() ? ", and said nothing" : ", and said: ", said);
  for (const Marker& marker : kMarkers) {
    if (absl::StrContains(said, marker.text)) return MakeReason(marker.code, detail);
  }
  return MakeReason("wsl_failed", detail);
}

}  // namespace paddock::wsl2
