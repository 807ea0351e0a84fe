#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_SECRET_PROBE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_SECRET_PROBE_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/host/facts.h"

namespace paddock {

struct SecretLimits {
  uint64_t entries = 5'000;                // looked at below one path
  size_t descriptors = 200;                // different ones of one path
  std::chrono::milliseconds at_most{500};  // for all of them
};

// Owners and lists of access of `paths`, which are absolute, and of all that lies below each; of a path that does not
// exist those of the nearest directory that does. What is reached through a link below a path has a name of its own
// and is not part of it, so that a link there is a problem of the path, as is a volume that is remote or keeps no lists
// of access, a limit that was reached, and whatever could not be read. Reads only; may hang on a share.
std::map<std::string, DescriptorFacts> LookAtSecrets(const std::vector<std::string>& paths,
                                                     const SecretLimits& limits = {});

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_SECRET_PROBE_H_
