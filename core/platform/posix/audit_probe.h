#ifndef PADDOCK_CORE_PLATFORM_POSIX_AUDIT_PROBE_H_
#define PADDOCK_CORE_PLATFORM_POSIX_AUDIT_PROBE_H_

#include <string>
#include <vector>

#include "core/audit/observations.h"
#include "core/host/facts.h"
#include "core/platform/posix/audit_walk.h"

namespace paddock {

struct OwnFile {
  std::string role;  // "the user's policy file"
  std::string path;
  bool only_tightens = false;
};

struct AuditInputs {
  std::vector<std::string> trees;             // real paths: what a run could write, and the workspace
  std::vector<std::string> stores;            // searched for other names of linked files
  std::vector<std::string> sockets;           // asked about; those that exist are in the answer
  std::vector<std::string> look_at;           // any other path whose facts the judgement asks for
  std::vector<OwnFile> own_files;             // Paddock's
  std::string state_directory;                // empty: none
  std::string search_path;                    // the caller's PATH
  std::vector<RepositoryFacts> repositories;  // whose configuration is read
  std::string root;  // put before /etc/passwd, /etc/group and the world-writable places; "": the host
  AuditLimits limits;
};

// Looks at all of it. Changes nothing, starts nothing, connects to nothing; what cannot be seen is left out or, in
// trees, counted (audit::Scan). Trees that lie in others are walked once.
audit::Observations ObserveForAudit(const AuditInputs& inputs);

// Of the user's package managers and of git, as far as they exist on this host: where files with several names usually
// have the others. `home` may be empty.
std::vector<std::string> UsualLinkStores(const std::string& home, const std::vector<RepositoryFacts>& repositories);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_AUDIT_PROBE_H_
