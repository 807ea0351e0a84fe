#ifndef PADDOCK_COMPOSE_AUDIT_H_
#define PADDOCK_COMPOSE_AUDIT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compose/decide.h"
#include "core/audit/finding.h"

namespace paddock {

// Weak spots of the workspace and of this host before a run, on Linux. Changes nothing, starts nothing. A workspace
// that is refused before anybody looks at it is a finding; any other mistake is an error. `command` may not be empty.
absl::StatusOr<audit::AuditReport> AuditHere(const RunSettings& settings, const std::vector<std::string>& command,
                                             const Caller& caller, const RuntimeOptions& options);

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_AUDIT_H_
