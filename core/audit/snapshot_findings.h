#ifndef PADDOCK_CORE_AUDIT_SNAPSHOT_FINDINGS_H_
#define PADDOCK_CORE_AUDIT_SNAPSHOT_FINDINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/audit/judge_snapshot.h"
#include "core/audit/snapshot_groups.h"
#include "core/audit/snapshot_reach.h"

// From groups of entries to findings, with what to do about each. Internal to core/audit.

namespace paddock::audit {

// In the order of the table in snapshot_findings.cc.
enum class SnapshotKind : uint8_t {
  kNullDacl,
  kCapabilityOutside,
  kPermissionsOpen,
  kWritableOutside,
  kProtectedWritable,
  kProtectedDeletable,
  kDeletableOutside,
  kAttributesOpen,
  kUnknown,
  kUnreadable,
  kReparse,
};

// The report without findings but for those on the snapshot itself.
AuditReport ReportOf(const SnapshotQuestion& question, const Reach& reach, const std::vector<int32_t>& parents);

// One finding for each kind that occurs among the groups.
void AddFindings(const SnapshotQuestion& question, const Reach& reach, const std::vector<Group>& groups,
                 AuditReport* report);
void AddUnseenGrants(const std::vector<std::string>& grants, AuditReport* report);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_SNAPSHOT_FINDINGS_H_
