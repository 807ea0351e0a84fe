#ifndef PADDOCK_CLI_RENDER_AUDIT_H_
#define PADDOCK_CLI_RENDER_AUDIT_H_

#include <string>

#include "core/audit/finding.h"

namespace paddock::cli {

// What `paddock audit` shows: how many findings there are, then each with its paths, why it matters and what to do.
std::string RenderAudit(const audit::AuditReport& report, bool color);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_RENDER_AUDIT_H_
