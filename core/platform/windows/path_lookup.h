#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_PATH_LOOKUP_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_PATH_LOOKUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/host/facts.h"

namespace paddock {

// Looks at `path`, absolute, without following a final link: its kind, the volume's serial number, the file's number on
// it, and its final path. Links are symbolic links and junctions; other reparse points (a cloud file, a deduplicated
// one) are what they stand for. Owner and mode, which are not Windows' terms, keep their defaults. May hang on a share.
PathFacts LookAtWindowsPath(const std::string& path);

// The path as GetFinalPathNameByHandle gives it, every link, junction, subst drive and short name resolved. May hang.
absl::StatusOr<std::string> FinalPathOf(const std::string& path);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_PATH_LOOKUP_H_
