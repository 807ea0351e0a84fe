#ifndef PADDOCK_COMPOSE_PREPARE_H_
#define PADDOCK_COMPOSE_PREPARE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compose/run_settings.h"
#include "core/host/facts.h"
#include "core/policy/merge.h"
#include "core/request/request.h"

// From what was typed to a Request.

namespace paddock {

// The flags as a policy level of their own. A relative path is relative to the caller's directory, as a shell user
// means it; a glob and a path in "~" stay as they are. InvalidArgument begins with the flag.
absl::StatusOr<PolicySpec> SpecFromFlags(const RunSettings& options, const std::string& workspace,
                                         const Caller& caller);

// The workspace that `options` name: absolute and normal.
std::string WorkspaceOf(const RunSettings& options, const Caller& caller);

// Every level of the policy: this host's files (--policy takes the place of the user's own) and the flags.
absl::StatusOr<PolicySources> LoadSources(const RunSettings& options, const Caller& caller);

absl::StatusOr<Request> PrepareRequest(const RunSettings& options, const std::vector<std::string>& command,
                                       const Caller& caller);

// The request of --host: decided for the host in `facts`, whose home and workspace count; of this host's policy files
// only --policy is read.
absl::StatusOr<Request> PrepareRequestFor(const Facts& facts, const RunSettings& options,
                                          const std::vector<std::string>& command, const Caller& caller);

// The facts in the file `path` (schema "paddock.facts/1").
absl::StatusOr<Facts> LoadFacts(const std::string& path);

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_PREPARE_H_
