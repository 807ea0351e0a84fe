#ifndef PADDOCK_BACKENDS_WSL2_DISTRIBUTION_FACTS_H_
#define PADDOCK_BACKENDS_WSL2_DISTRIBUTION_FACTS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"

// What a distribution says of itself (a kReady frame), as facts of the Windows host; and the file in which an answer is
// kept, since asking starts the distribution. Pure.

namespace paddock::wsl2 {

// A kReady frame's payload. InvalidArgument (`relay_protocol`) unless it is schema paddock.facts/1, of a Linux host.
absl::StatusOr<HostFacts> ParseReady(absl::string_view payload);

// Fills in what is asked inside. `source` is said of each fact.
void FillIn(const HostFacts& inside, absl::string_view source, WslDistribution* distribution);

// OK if inside everything is mounted where `mounts` ("C:" -> "/mnt/c") says: else Unavailable, `wsl_drive_not_mounted`.
absl::Status CheckMounts(const std::map<std::string, std::string>& mounts, const HostFacts& inside);

// The answer in the cache. It holds for one registration of one distribution, and for one relay.
struct CacheKey {
  std::string identity;  // WslDistribution::identity
  std::string relay;     // SHA-256, in hexadecimal
};
inline constexpr size_t kMaxCacheBytes = 1u << 20;

// The file's name, without a directory: of the identity's hash, since that one holds what no name may.
std::string CacheName(const CacheKey& key);
std::string EncodeCache(const CacheKey& key, absl::string_view ready);
// The kReady payload that was kept. InvalidArgument for whatever EncodeCache did not write, and for another key's.
absl::StatusOr<std::string> DecodeCache(const CacheKey& key, absl::string_view text);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_DISTRIBUTION_FACTS_H_
