#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WORKSPACE_SCAN_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WORKSPACE_SCAN_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

struct ScanInputs {
  std::string workspace;                           // its real path
  std::map<std::string, std::string> environment;  // where git's own configuration lies
  std::string home;
  uint64_t max_entries = 2'000'000;        // visited in the workspace
  uint64_t max_entries_outside = 500'000;  // visited for each glob that starts outside of it
  std::chrono::seconds at_most{20};
};

struct ScannedWorkspace {
  std::map<std::string, std::vector<std::string>> globs;
  std::map<std::string, PathFacts> paths;  // matches, and GuardedGitPaths() of each repository
  std::vector<RepositoryFacts> repositories;
  bool complete = true;
};

// One walk of the workspace expands the request's globs and finds every `.git`; a glob that starts elsewhere gets a
// walk of its own, and each other writable grant is asked for a `.git` at its top. Matches and repositories are real
// paths. Nothing inside a `.git` matches, and no link is entered. Not complete: a limit was reached, a directory could
// not be read, or planning refuses the workspace anyway (a drive, the home or what holds it), so that nobody walked.
// Takes as long as the disk does, up to `at_most` and one call of the system's.
ScannedWorkspace ScanWindowsWorkspace(const Request& request, const ScanInputs& inputs);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WORKSPACE_SCAN_H_
