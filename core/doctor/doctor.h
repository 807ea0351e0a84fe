#ifndef PADDOCK_CORE_DOCTOR_DOCTOR_H_
#define PADDOCK_CORE_DOCTOR_DOCTOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/backend/backend.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/policy/guarantee.h"
#include "core/request/request.h"

// What is missing on a host for a stronger sandbox, and how to mend it. Pure, like the decision it asks about: facts
// may come from a file, and be those of another system.
//
// What a finding costs is not written down anywhere: the decision is taken again with the fact mended, and compared.
// So the doctor never promises what the rubric would not give.

namespace paddock {

enum class Severity : uint8_t {
  kBlocks,   // a stronger backend or tier would be chosen without it, or the run would be refused
  kWeakens,  // a guarantee, or a rule of the policy, fares worse than it would on this system without it
  kAdvice,   // changes nothing that is promised for a run as asked
};
absl::string_view Name(Severity severity);

// One way to mend a finding. There may be several, the one that opens least first.
struct Remedy {
  std::string text;  // what it does, where, and what it opens
  // To be copied as they are: commands of the host's shell, or the lines of a file that `text` names. Nothing in them
  // comes from the host unquoted. Words in capitals are the reader's to fill in. Empty: there is nothing to type.
  std::vector<std::string> lines;
};

struct LevelChange {
  Guarantee guarantee = Guarantee::kWrite;
  Level from = 0, to = 0;
};

struct VerdictChange {
  std::string rule;  // "limits.processes"
  Verdict from = Verdict::kNotEnforced, to = Verdict::kNotEnforced;
};

// What mending a finding changes for one kind of run.
struct Effect {
  std::string options;              // of `paddock run`, beside those that were asked about; empty: none
  std::string from, to;             // backend and tier that would be chosen; empty: nothing may run
  std::vector<LevelChange> levels;  // those that differ; empty where nothing ran before
  std::vector<VerdictChange> rules;
  std::vector<std::string> closes;  // codes of risks that go
};

struct Finding {
  std::string id;  // snake_case, stable; the reason code where there is one
  Severity severity = Severity::kAdvice;
  bool mendable = true;  // false: nothing on this host mends it (its edition, this version of Paddock)
  bool alone = true;     // false: the effects show only once the other findings are mended as well
  std::string found;     // one sentence
  std::string source;    // of the fact; empty if it has none
  std::vector<Effect> effects;
  std::vector<Remedy> remedies;
};

// What the host reaches as it is.
struct Reached {
  std::string options;                // as in Effect
  std::optional<BackendRef> backend;  // nullopt: nothing may run
  GuaranteeLevels levels;
  std::optional<Reason> refusal;  // why nothing may run, or why this build cannot start what was chosen
};

struct Diagnosis {
  std::vector<Reached> now;       // first the run as asked, then with other options
  std::vector<Finding> findings;  // by severity
};

// `executable` is the path of the paddock that is to run on that host; empty if it is not known. Thread-safe.
Diagnosis Diagnose(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts,
                   absl::string_view executable);

// Whether there is something to mend that blocks or weakens.
bool NeedsMending(const Diagnosis& diagnosis);

// Schema "paddock.doctor/1".
Json ToJson(const Diagnosis& diagnosis);

}  // namespace paddock

#endif  // PADDOCK_CORE_DOCTOR_DOCTOR_H_
