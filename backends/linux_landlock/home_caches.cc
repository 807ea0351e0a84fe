#include "backends/linux_landlock/home_caches.h"

#include <algorithm>
#include <iterator>

namespace paddock {
namespace {

constexpr absl::string_view kCaches[] = {".cache", ".ccache", ".gradle",     ".m2",
                                         ".npm",   ".nuget",  ".pnpm-store", ".yarn"};

}  // namespace

bool IsCacheOfHome(absl::string_view name) {
  return std::find(std::begin(kCaches), std::end(kCaches), name) != std::end(kCaches);
}

}  // namespace paddock
