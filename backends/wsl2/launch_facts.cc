#include "backends/wsl2/launch_facts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/launch_session.h"
#include "core/base/status_macros.h"
#include "core/host/windows_decode.h"
#include "core/host/wsl.h"
#include "core/platform/files.h"
#include "core/platform/windows/wide.h"

namespace paddock {
namespace wsl2 {
namespace {

std::string CacheDirectory(const std::string& state_dir) { return absl::StrCat(state_dir, "\\wsl"); }

void MakeDirectories(const std::string& path) {
  for (size_t at = path.find('\\'); at != std::string::npos; at = path.find('\\', at + 1)) {
    CreateDirectoryW(ToWide(path.substr(0, at)).c_str(), nullptr);
  }
  CreateDirectoryW(ToWide(path).c_str(), nullptr);
}

class RelayProbe : public DistributionProbe {
 public:
  explicit RelayProbe(DistributionProbeOptions options) : options_(std::move(options)) {}

  void Ask(const Request& request, HostFacts* host) const override {
    const auto relay = ReadRelayFile(absl::StrCat(options_.relay_directory, "\\paddock-linux-", host->architecture));
    // Each one that is chosen and not known; one that turns out to have nothing gives way to the next.
    for (size_t asked = 0; asked < host->windows_host.distributions.size(); ++asked) {
      WslDistribution* const distribution = Chosen(request, host);
      if (distribution == nullptr || !IsUnprobed(*distribution) || !CanAsk(*distribution)) return;
      const absl::Status status = relay.ok() ? AskOne(*relay, distribution) : relay.status();
      if (status.ok()) {
        BelieveAnswer(*distribution, &host->windows_host);
        continue;
      }
      for (Fact* fact : {&distribution->landlock, &distribution->user_namespaces, &distribution->bubblewrap,
                         &distribution->network_namespace}) {
        fact->source = absl::StrCat("asked, and failed: ", status.message());
      }
      return;
    }
  }

 private:
  // What has answered from inside a virtual machine is better evidence than what the processor says of its features.
  static void BelieveAnswer(const WslDistribution& distribution, WindowsFacts* windows) {
    const std::string source = absl::StrCat("the WSL2 distribution ", distribution.name, " answered");
    if (windows->nested_virtualization.no()) windows->nested_virtualization = Yes(source);
    if (windows->virtualization_firmware.no()) windows->virtualization_firmware = Yes(source);
  }

  static bool CanAsk(const WslDistribution& distribution) {
    return IsUsableWsl2(distribution) && IsDistributionName(distribution.name) &&
           ProductOfDistribution(distribution.name).empty();
  }

  // The one that holds the workspace is told by its path; where it lies else is not known yet, and does not matter.
  static WslDistribution* Chosen(const Request& request, HostFacts* host) {
    Facts facts;
    facts.host.windows_host.distributions = host->windows_host.distributions;
    facts.workspace.wsl_distribution = WslDistributionOf(request.workspace);
    if (!facts.workspace.wsl_distribution.empty()) facts.workspace.location = WorkspaceLocation::kWslDistribution;
    const WslDistribution* const chosen = WslDistributionFor(request, facts);
    if (chosen == nullptr) return nullptr;
    return &host->windows_host
                .distributions[static_cast<size_t>(chosen - facts.host.windows_host.distributions.data())];
  }

  absl::Status AskOne(const RelayFile& relay, WslDistribution* distribution) const {
    const CacheKey key{distribution->identity, relay.hash};
    const std::string path = absl::StrCat(CacheDirectory(options_.state_dir), "\\", CacheName(key));
    if (!options_.state_dir.empty() && !key.identity.empty()) {
      const auto text = ReadWholeFile(path, kMaxCacheBytes);
      const auto ready = text.ok() ? DecodeCache(key, *text) : text;
      const auto inside = ready.ok() ? ParseReady(*ready) : absl::StatusOr<HostFacts>(ready.status());
      if (inside.ok()) {
        FillIn(*inside, "relay --facts, kept", distribution);
        return absl::OkStatus();
      }
    }
    ASSIGN_OR_RETURN(RelaySession session, RelaySession::Open(distribution->name, relay, true, nullptr));
    FillIn(session.inside(), "relay --facts", distribution);
    KeepAnswer(options_.state_dir, key, session.ready());
    return absl::OkStatus();
  }

  const DistributionProbeOptions options_;
};

}  // namespace

void KeepAnswer(const std::string& state_dir, const CacheKey& key, absl::string_view ready) {
  if (state_dir.empty() || key.identity.empty()) return;
  const std::string directory = CacheDirectory(state_dir);
  MakeDirectories(directory);
  auto file = OutputFile::Open(absl::StrCat(directory, "\\", CacheName(key)));
  if (file.ok()) (void)file->Commit(EncodeCache(key, ready));
}

}  // namespace wsl2

std::unique_ptr<DistributionProbe> MakeDistributionProbe(DistributionProbeOptions options) {
  return std::make_unique<wsl2::RelayProbe>(std::move(options));
}

}  // namespace paddock
