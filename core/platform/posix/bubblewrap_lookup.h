#ifndef PADDOCK_CORE_PLATFORM_POSIX_BUBBLEWRAP_LOOKUP_H_
#define PADDOCK_CORE_PLATFORM_POSIX_BUBBLEWRAP_LOOKUP_H_

#include <string>
#include <vector>

#include "core/host/facts.h"

namespace paddock {

// Where bubblewrap is looked for. Never in PATH: a workspace may put itself there.
std::vector<std::string> BubblewrapCandidates();

// The first of `candidates` (absolute paths) that is trusted, else the first that exists, else an empty path. Trusted
// means: a regular file, executable; it and every directory above it belong to root and can be written by nobody else;
// no symbolic link on the way. The file is not run.
BubblewrapFacts FindBubblewrap(const std::vector<std::string>& candidates);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_BUBBLEWRAP_LOOKUP_H_
