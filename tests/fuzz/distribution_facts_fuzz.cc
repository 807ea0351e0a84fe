#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "backends/wsl2/distribution_facts.h"

// What a distribution says of itself, and what a file says that it said: an answer that is taken is kept and found
// again as the same, for its own distribution and relay alone, and looked at without a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace paddock;
  using namespace paddock::wsl2;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const CacheKey key{"{11111111-0000-0000-0000-000000000000} C:\\wsl", std::string(64, '0')};
  const auto kept = DecodeCache(key, text);
  if (kept.ok() && !ParseReady(*kept).ok()) std::abort();
  const auto inside = ParseReady(text);
  if (!inside.ok()) return 0;
  if (inside->os != OsFamily::kLinux) std::abort();
  const std::string file = EncodeCache(key, text);
  const auto again = DecodeCache(key, file);
  // Larger ones, and what is no UTF-8, are asked for anew each time.
  if (again.ok() && *again != text) std::abort();
  if (DecodeCache({key.identity, std::string(64, '1')}, file).ok()) std::abort();
  if (DecodeCache({"another", key.relay}, file).ok()) std::abort();
  WslDistribution distribution;
  FillIn(*inside, "fuzz", &distribution);
  if (distribution.network_namespace.yes() && !distribution.user_namespaces.yes() && !distribution.bubblewrap.yes()) {
    std::abort();
  }
  CheckMounts({{"C:", "/mnt/c"}}, *inside).IgnoreError();
  if (!CheckMounts(distribution.mounts, *inside).ok() && inside->linux_host.mount_points.empty() &&
      distribution.mounts.empty()) {
    std::abort();
  }
  return 0;
}
