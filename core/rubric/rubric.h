#ifndef PADDOCK_CORE_RUBRIC_RUBRIC_H_
#define PADDOCK_CORE_RUBRIC_RUBRIC_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/backend/backend.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/rubric/decision.h"

// The selection rules: one table, walked top to bottom (rules.cc). docs/rubric.md is generated from it.
//
// Evaluate walks the table; every rule that matches adds its backends, first mention wins, and a rule marked `stop`
// hides those below. Then each candidate, in order, is dropped with its reasons if
//   - `backend.allow` does not name it (denied_by_policy);
//   - the backend itself says that it cannot be tried here (its blockers);
//   - its rule asks the request to accept levels and the request does not say so (level_not_accepted);
//   - `prefer = fidelity` and it does not give the live checkout in full (prefer_fidelity);
//   - it does not reach a required level (guarantee_unreachable:NAME).
// A candidate placed behind one that fell to a level carries moved_by_requirement. `--backend` (policy.backend.forced)
// replaces the order of the table, not the checks: only that backend is a candidate, in the tiers that the table gave
// it, else in all of its tiers, and neither `accepts` nor `prefer` is asked.

namespace paddock {

struct Rule {
  absl::string_view id;
  OsFamily os = OsFamily::kWindows;  // the hosts that it is about
  absl::string_view when_text;
  // A pure predicate. nullptr: holds when no rule above it in the table matched.
  bool (*when)(const Request& request, const Facts& facts) = nullptr;
  std::vector<BackendRef> adds;
  // The request has to accept these levels, by a requirement on that guarantee which is no higher: silence is no
  // consent.
  std::vector<Requirement> accepts;
  bool stop = false;
  absl::string_view why;
  absl::string_view reason_if_empty;  // reason code when the rule adds nothing
  absl::string_view source;  // where the rule comes from: documentation, an observed failure, a decision of ours
};

// The built-in table. A program that brings a backend of its own ranks it by a row of its own, in a copy of this table
// (docs/backends/writing-a-backend.md); a row for a backend that is not among those evaluated adds nothing.
absl::Span<const Rule> Rules();

// Ranks `backends` for `request` on the host that `facts` describe, by `rules`. Pure and thread-safe, as long as the
// predicates of `rules` are.
Decision Evaluate(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts,
                  absl::Span<const Rule> rules = Rules());

// docs/rubric.md, but for the levels on sample hosts, which need backends.
std::string RulesAsMarkdown();

// docs/reasons.md: every reason code with meaning and remedy.
std::string ReasonCodesAsMarkdown();

}  // namespace paddock

#endif  // PADDOCK_CORE_RUBRIC_RUBRIC_H_
