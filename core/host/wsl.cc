#include "core/host/wsl.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "core/base/glob.h"
#include "core/host/predicates.h"
#include "core/host/windows_decode.h"

namespace paddock {
namespace {

constexpr char kBackend[] = "wsl2";

struct ForeignDistribution {
  absl::string_view pattern;  // * stands for anything; the case does not count
  absl::string_view product;
};
constexpr ForeignDistribution kForeign[] = {
    {"docker-desktop", "Docker Desktop"},
    {"docker-desktop-data", "Docker Desktop"},
    {"lima-*", "Lima and Finch"},
    {"podman-machine-*", "Podman"},
    {"podman-net-usermode", "Podman"},
    {"rancher-desktop", "Rancher Desktop"},
    {"rancher-desktop-data", "Rancher Desktop"},
    {"wsl-vpnkit", "wsl-vpnkit"},
};

const WslDistribution* Named(const std::vector<WslDistribution>& distributions, absl::string_view name) {
  // WSL takes a name in any case.
  const auto found = std::find_if(distributions.begin(), distributions.end(),
                                  [name](const WslDistribution& d) { return absl::EqualsIgnoreCase(d.name, name); });
  return found == distributions.end() ? nullptr : &*found;
}

bool IsOfTheUser(const WslDistribution& distribution) {
  return IsUsableWsl2(distribution) && ProductOfDistribution(distribution.name).empty() &&
         IsDistributionName(distribution.name);
}

}  // namespace

bool IsUsableWsl2(const WslDistribution& distribution) {
  return distribution.installed.yes() && distribution.version.value == 2;
}

bool LacksConfinement(const WslDistribution& d) {
  return d.user_namespaces.no() && d.bubblewrap.no() && d.landlock.no();
}

bool IsUnprobed(const WslDistribution& d) {
  return !LacksConfinement(d) && !d.user_namespaces.yes() && !d.bubblewrap.yes() && !d.landlock.yes();
}

absl::string_view ProductOfDistribution(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  for (const ForeignDistribution& row : kForeign) {
    if (WildcardMatch(row.pattern, lower)) return row.product;
  }
  return "";
}

bool IsDistributionName(absl::string_view name) {
  constexpr size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
         });
}

const WslDistribution* WslDistributionFor(const Request& request, const Facts& facts) {
  const auto& distributions = facts.host.windows_host.distributions;
  if (facts.workspace.location == WorkspaceLocation::kWslDistribution) {
    return Named(distributions, facts.workspace.wsl_distribution);
  }
  if (!request.policy.backend.wsl_distribution.empty()) {
    return Named(distributions, request.policy.backend.wsl_distribution);
  }
  const auto rank = [](const WslDistribution& d) { return (LacksConfinement(d) ? 0 : 2) + (d.is_default ? 1 : 0); };
  const WslDistribution* found = nullptr;
  for (const WslDistribution& distribution : distributions) {
    if (!IsOfTheUser(distribution)) continue;
    if (found == nullptr || rank(distribution) > rank(*found)) found = &distribution;
  }
  return found;
}

bool Wsl2Usable(const Request& request, const Facts& facts) {
  const WindowsFacts& windows = facts.host.windows_host;
  const WslDistribution* distribution = WslDistributionFor(request, facts);
  return !windows.wsl_installed.no() && distribution != nullptr && IsOfTheUser(*distribution) &&
         CanRunVirtualMachines(windows);
}

bool MayUseWsl2(const Request& request) {
  const BackendPolicy& backend = request.policy.backend;
  if (request.policy.workload != Workload::kCoding) return false;
  if (!backend.forced.empty()) return backend.forced == kBackend;
  if (!backend.allow.empty() &&
      std::find(backend.allow.begin(), backend.allow.end(), kBackend) == backend.allow.end()) {
    return false;
  }
  return request.policy.command_os != CommandOs::kNative || backend.prefer == Prefer::kIsolation ||
         !WslDistributionOf(request.workspace).empty();
}

}  // namespace paddock
