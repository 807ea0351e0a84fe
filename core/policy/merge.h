#ifndef PADDOCK_CORE_POLICY_MERGE_H_
#define PADDOCK_CORE_POLICY_MERGE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/policy/load.h"
#include "core/policy/policy.h"
#include "core/policy/spec.h"

// Five levels become one policy: built-in profile <- administrator <- user <- repository <- flags.
//
//   scalars   the later level replaces the earlier one
//   lists     the later level replaces; "@inherited" in it stands for the earlier list; flags add (network.allow and
//             backend.allow of flags replace)
//   tables    merged by name
//   repository  only tightens; what would loosen is an error that names the key, the inherited value and its origin
//   administrator, service  what it spells is a default and a bound: its denials are always added, and a final value
//   that is
//             looser is an error
//
// Guarantees: what a file or flag spells is required, what comes from the profile is preferred (docs/policy.md).

namespace paddock {

struct PolicySources {
  std::optional<PolicyFile> admin, user, repo;
  // Of a service that runs commands for its clients: over the administrator's, and a ceiling as that is. None of the
  // two can loosen the other.
  std::optional<PolicyFile> service;
  PolicySpec flags;

  // --profile; empty: `extends` of the user's file, else of the administrator's, else "coding".
  std::string profile;

  // --strict: every preferred level becomes required. A file says `strict = true`.
  bool strict = false;

  // Absolute; used only to compare paths that two levels write differently ("src" and "/home/me/project/src"). Empty:
  // such paths do not cover each other.
  std::string workspace, home;
};

// InvalidArgument with a reason: policy_invalid (contradictions), policy_loosened (repository), policy_exceeds_ceiling
// (administrator, service). Nothing may run then.
absl::StatusOr<Policy> BuildPolicy(const PolicySources& sources);

// What must hold for every policy, however it was built: no contradictions, no empty `backend.allow` left, ranges.
// BuildPolicy has called it.
absl::Status ValidatePolicy(const Policy& policy);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_MERGE_H_
