#ifndef PADDOCK_CLI_PREPARE_H_
#define PADDOCK_CLI_PREPARE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/shared_options.h"
#include "core/host/facts.h"
#include "core/policy/merge.h"
#include "core/request/request.h"

// From what was typed to a Request.

namespace paddock::cli {

// The flags as a policy level of their own. A relative path is relative to the caller's directory, as a shell user
// means it; a glob and a path in "~" stay as they are. InvalidArgument begins with the flag.
absl::StatusOr<PolicySpec> SpecFromFlags(const SharedOptions& options, const std::string& workspace,
                                         const Caller& caller);

// The workspace that `options` name: absolute and normal.
std::string WorkspaceOf(const SharedOptions& options, const Caller& caller);

// Every level of the policy: this host's files (--policy takes the place of the user's own) and the flags.
absl::StatusOr<PolicySources> LoadSources(const SharedOptions& options, const Caller& caller);

absl::StatusOr<Request> PrepareRequest(const SharedOptions& options, const std::vector<std::string>& command,
                                       const Caller& caller);

// The request of --host: decided for the host in `facts`, whose home and workspace count; of this host's policy files
// only --policy is read.
absl::StatusOr<Request> PrepareRequestFor(const Facts& facts, const SharedOptions& options,
                                          const std::vector<std::string>& command, const Caller& caller);

// The facts in the file `path` (schema "paddock.facts/1").
absl::StatusOr<Facts> LoadFacts(const std::string& path);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_PREPARE_H_
