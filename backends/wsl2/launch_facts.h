#ifndef PADDOCK_BACKENDS_WSL2_LAUNCH_FACTS_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCH_FACTS_H_

#include <memory>
#include <string>

#include "backends/wsl2/distribution_facts.h"
#include "core/platform/windows/windows_probe.h"

namespace paddock {

struct DistributionProbeOptions {
  std::string relay_directory;  // where paddock-linux-ARCHITECTURE lies
  std::string state_dir;        // Paddock's; empty: nothing is kept
};

// Asks a distribution by its relay, once: the answer is kept below the state directory for as long as the
// distribution's registration and the relay are the same. A kept answer that is broken, too large or another one's
// counts as none.
std::unique_ptr<DistributionProbe> MakeDistributionProbe(DistributionProbeOptions options);

namespace wsl2 {

// Keeps `ready`, a kReady payload, for the next probe; what cannot be written is asked again.
void KeepAnswer(const std::string& state_dir, const CacheKey& key, absl::string_view ready);

}  // namespace wsl2
}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCH_FACTS_H_
