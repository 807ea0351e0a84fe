#ifndef PADDOCK_CORE_AUDIT_JUDGE_SNAPSHOT_H_
#define PADDOCK_CORE_AUDIT_JUDGE_SNAPSHOT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/audit/finding.h"
#include "core/audit/run_token.h"
#include "core/audit/snapshot.h"

namespace paddock::audit {

struct SnapshotQuestion {
  const Snapshot& snapshot;
  const RunToken& run;
  std::vector<std::string> grants;  // writable roots: paths as in the snapshot, in any case of ASCII letters
  // Names below each grant that are to stay as they are, '\' between names: ".vscode", ".git\hooks". Those that begin
  // with ".git\" count below every directory in a grant that holds a ".git".
  std::vector<std::string> protected_names;
};

// Where the token could write, create, delete, rename or change permissions by the access check of core/access, though
// no grant says so; and, inside of grants, whether that holds of protected names. Pure. It is a model's answer, from
// descriptors alone: nothing is said of services, the registry, COM or filter drivers, nor of what a run changes in
// descriptors for the time it lasts. Verdicts that depend on what the source does not tell are findings of a kind of
// their own. What is alike below one directory is one place of a finding, with a count.
//
// InvalidArgument if an entry is listed twice with different descriptors, or if there are none. Some 10 million
// entries a minute.
absl::StatusOr<AuditReport> JudgeSnapshot(const SnapshotQuestion& question);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_JUDGE_SNAPSHOT_H_
