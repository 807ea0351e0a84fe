#ifndef PADDOCK_CLI_AUDIT_RUN_H_
#define PADDOCK_CLI_AUDIT_RUN_H_

#include <string>
#include <vector>

#include "cli/audit_model.h"
#include "cli/command.h"
#include "cli/decide.h"

namespace paddock::cli {

// What `paddock audit` does on this operating system; gives the exit status.
int RunAudit(const DecideOptions& options, const ModelOptions& model, const std::vector<std::string>& command,
             const Context& context);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_AUDIT_RUN_H_
