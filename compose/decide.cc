#include "compose/decide.h"

#include <utility>

#include "compose/prepare.h"
#include "core/base/status_macros.h"

namespace paddock {

absl::StatusOr<Decided> DecideHere(const RunSettings& settings, const std::vector<std::string>& command,
                                   const Caller& caller, const RuntimeOptions& options) {
  Decided decided;
  ASSIGN_OR_RETURN(decided.request, PrepareRequest(settings, command, caller));
  decided.runtime = MakeRuntime(caller, options);
  ASSIGN_OR_RETURN(decided.facts, decided.runtime->Probe(decided.request));
  decided.decision = decided.runtime->Decide(decided.request, decided.facts);
  return decided;
}

absl::StatusOr<Decided> DecideFor(Facts facts, const RunSettings& settings, const std::vector<std::string>& command,
                                  const Caller& caller) {
  Decided decided;
  decided.facts = std::move(facts);
  ASSIGN_OR_RETURN(decided.request, PrepareRequestFor(decided.facts, settings, command, caller));
  decided.runtime = MakeOfflineRuntime();
  decided.decision = decided.runtime->Decide(decided.request, decided.facts);
  return decided;
}

}  // namespace paddock
