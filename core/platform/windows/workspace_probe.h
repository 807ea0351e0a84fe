#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WORKSPACE_PROBE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WORKSPACE_PROBE_H_

#include <map>
#include <string>

#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// Facts about the workspace of `request` and the literal paths of its rules. What touches a file
// has ten seconds: a share whose server is gone gives unknown facts then. A path of a WSL
// distribution is not touched at all, since that would start the distribution. Reads only.
//
// crosses_symlink is yes for every path whose final path differs from it by more than case, which a subst drive or a
// short name (8.3) does as well as a link. Globs and repositories: see workspace_scan.h; the walk has a limit of its
// own, of seconds, and scan_complete is false if it was reached, or if nobody walked. `environment`: %OneDrive% and its
// like name synchronised folders where nothing else does. `home`: the caller's.
WorkspaceFacts LookAtWorkspace(const Request& request, const std::map<std::string, std::string>& environment,
                               const std::string& home);

// Fills in `secrets`: the lists of access of what the request hides, matches of globs included. Within limits of its
// own (secret_probe.h), since it is a price that each command pays.
void AddSecrets(const Request& request, WorkspaceFacts* facts);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WORKSPACE_PROBE_H_
