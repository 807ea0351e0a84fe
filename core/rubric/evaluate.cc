#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/rubric/rubric.h"

namespace paddock {
namespace {

// A backend that the rules, or `--backend`, put on the list.
struct Placed {
  BackendRef ref;
  const Rule* rule = nullptr;  // nullptr: forced, and no rule adds it
};

struct Walk {
  std::vector<const Rule*> matched;
  std::vector<Placed> placed;
};

bool Contains(const std::vector<Placed>& placed, const BackendRef& ref) {
  return std::any_of(placed.begin(), placed.end(), [&ref](const Placed& p) { return p.ref == ref; });
}

Walk WalkTable(absl::Span<const Rule> rules, const Request& request, const Facts& facts) {
  Walk walk;
  for (const Rule& rule : rules) {
    if (rule.os != facts.host.os) continue;
    if (rule.when == nullptr ? !walk.matched.empty() : !rule.when(request, facts)) continue;
    walk.matched.push_back(&rule);
    for (const BackendRef& ref : rule.adds) {
      if (!Contains(walk.placed, ref)) walk.placed.push_back({ref, &rule});
    }
    if (rule.stop) break;
  }
  return walk;
}

// What a condition that is not met at all is called among the reason codes.
absl::string_view CodeOf(Condition condition) {
  switch (condition) {
    case Condition::kOpenBinaries:
      return "requires_declared_capabilities";
    case Condition::kHostWorkspace:
      return "no_host_workspace";
    case Condition::kNoAdmin:
      return "needs_admin";
    case Condition::kTree:
      return "children_not_confined";
  }
  return "";
}

void AddReason(std::vector<Reason>& reasons, Reason reason) {
  const bool there =
      std::any_of(reasons.begin(), reasons.end(), [&](const Reason& r) { return r.code == reason.code; });
  if (!there) reasons.push_back(std::move(reason));
}

void AddReasons(std::vector<Reason>& reasons, const std::vector<Reason>& more) {
  for (const Reason& reason : more) AddReason(reasons, reason);
}

std::string Spelt(const Requirement& requirement) {
  return absl::StrCat(GuaranteeName(requirement.guarantee), "=", LevelName(requirement.guarantee, requirement.level));
}

// Silence is no consent: a level is accepted by a requirement on the same guarantee that is no higher.
bool Accepts(const Request& request, const Requirement& asked) {
  return std::any_of(request.policy.requirements.begin(), request.policy.requirements.end(),
                     [&](const Requirement& r) { return r.guarantee == asked.guarantee && r.level <= asked.level; });
}

class Evaluation {
 public:
  Evaluation(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts,
             absl::Span<const Rule> rules)
      : backends_(backends), request_(request), facts_(facts), walk_(WalkTable(rules, request, facts)) {}

  Decision Run() && {
    for (const Rule* rule : walk_.matched) decision_.matched_rules.emplace_back(rule->id);
    for (const Placed& placed : Candidates()) Judge(placed);
    for (const Backend* backend : backends_) {
      if (!IsMentioned(backend->info().name)) RejectUnplaced(*backend);
    }
    AddHints();
    return std::move(decision_);
  }

 private:
  const Backend* Find(absl::string_view name) const {
    const auto found = std::find_if(backends_.begin(), backends_.end(),
                                    [name](const Backend* backend) { return backend->info().name == name; });
    return found == backends_.end() ? nullptr : *found;
  }

  bool IsForced() const { return !request_.policy.backend.forced.empty(); }

  // The table's list; under `--backend` that backend alone, in the tiers that the table gave it or else in all.
  std::vector<Placed> Candidates() const {
    if (!IsForced()) return walk_.placed;
    const BackendRef forced = ParseBackendRef(request_.policy.backend.forced);
    std::vector<Placed> chosen;
    for (const Placed& placed : walk_.placed) {
      const bool tier_fits = forced.tier.empty() || forced.tier == placed.ref.tier;
      if (placed.ref.name == forced.name && tier_fits) chosen.push_back(placed);
    }
    if (!chosen.empty()) return chosen;
    const Backend* backend = Find(forced.name);
    if (backend == nullptr || !forced.tier.empty() || backend->info().tiers.empty()) return {{forced, nullptr}};
    for (const std::string& tier : backend->info().tiers) chosen.push_back({{forced.name, tier}, nullptr});
    return chosen;
  }

  std::optional<Reason> Unknown(const BackendRef& ref, const Backend* backend) const {
    if (backend == nullptr) {
      return MakeReason("unknown_backend", absl::StrCat("no backend named '", ref.name, "' is part of this build"));
    }
    const std::vector<std::string>& tiers = backend->info().tiers;
    if (ref.tier.empty() || std::find(tiers.begin(), tiers.end(), ref.tier) != tiers.end()) return std::nullopt;
    return MakeReason("unknown_tier", absl::StrCat(ref.name, " has no tier '", ref.tier, "'",
                                                   tiers.empty() ? "" : "; it has ", absl::StrJoin(tiers, ", ")));
  }

  std::optional<Reason> DeniedByPolicy(absl::string_view name) const {
    const std::vector<std::string>& allow = request_.policy.backend.allow;
    if (allow.empty() || std::find(allow.begin(), allow.end(), name) != allow.end()) return std::nullopt;
    return MakeReason("denied_by_policy", absl::StrCat("backend.allow names ", absl::StrJoin(allow, ", "), " only"));
  }

  // The rule's own price, which the request has to have named.
  std::vector<Reason> NotAccepted(const Placed& placed) const {
    std::vector<Reason> reasons;
    if (IsForced() || placed.rule == nullptr) return reasons;
    for (const Requirement& asked : placed.rule->accepts) {
      if (Accepts(request_, asked)) continue;
      reasons.push_back(MakeReason(
          absl::StrCat("level_not_accepted:", GuaranteeName(asked.guarantee)),
          absl::StrCat(placed.rule->why, "; it takes --require ", Spelt(asked), " or lower to say that this will do")));
    }
    return reasons;
  }

  // Fidelity asks for the live checkout without drift; only coding has one to ask for.
  std::optional<Reason> NotFaithful(const Assessment& assessment) const {
    if (IsForced() || request_.policy.backend.prefer != Prefer::kFidelity ||
        request_.policy.workload != Workload::kCoding) {
      return std::nullopt;
    }
    for (const ConditionResult& result : assessment.conditions) {
      if (result.condition != Condition::kHostWorkspace || result.meets == Meets::kYes) continue;
      return MakeReason("prefer_fidelity",
                        absl::StrCat("prefer = \"fidelity\", and the workspace is reached ", result.detail));
    }
    return std::nullopt;
  }

  std::vector<Reason> Unreachable(const BackendRef& ref, const Assessment& assessment) const {
    std::vector<Reason> reasons;
    for (const Requirement& asked : request_.policy.requirements) {
      const Level reached = assessment.reached[asked.guarantee];
      if (!asked.required || reached >= asked.level) continue;
      reasons.push_back(MakeReason(absl::StrCat("guarantee_unreachable:", GuaranteeName(asked.guarantee)),
                                   absl::StrCat(Spelt(asked), " is required, and ", ToString(ref), " reaches ",
                                                LevelName(asked.guarantee, reached), " here")));
    }
    if (!reasons.empty()) AddReasons(reasons, assessment.weakened_by);
    return reasons;
  }

  void Judge(const Placed& placed) {
    const Backend* backend = Find(placed.ref.name);
    Rejection rejection{placed.ref, std::string(placed.rule == nullptr ? "" : placed.rule->id), {}, {}};
    if (const auto unknown = Unknown(placed.ref, backend); unknown.has_value()) {
      // A table row for a backend that this build leaves out is no news; a name that the user typed is.
      if (IsForced()) {
        rejection.reasons = {*unknown};
        decision_.rejected.push_back(std::move(rejection));
      }
      return;
    }
    const Assessment assessment = backend->Assess(placed.ref.tier, request_, facts_);
    if (const auto denied = DeniedByPolicy(placed.ref.name); denied.has_value()) AddReason(rejection.reasons, *denied);
    AddReasons(rejection.reasons, assessment.blockers);
    const std::vector<Reason> not_accepted = NotAccepted(placed);
    AddReasons(rejection.reasons, not_accepted);
    if (const auto drift = NotFaithful(assessment); drift.has_value()) AddReason(rejection.reasons, *drift);
    const std::vector<Reason> unreachable = Unreachable(placed.ref, assessment);
    AddReasons(rejection.reasons, unreachable);
    if (rejection.reasons.empty()) {
      Rank(placed, assessment);
      return;
    }
    // One that cannot be tried here anyway did not fall to a level.
    const bool tried = assessment.blockers.empty() && !DeniedByPolicy(placed.ref.name).has_value();
    fell_to_level_ = fell_to_level_ || (tried && !(not_accepted.empty() && unreachable.empty()));
    rejection.conditions = assessment.conditions;
    decision_.rejected.push_back(std::move(rejection));
  }

  void Rank(const Placed& placed, const Assessment& assessment) {
    Candidate candidate;
    candidate.backend = placed.ref;
    candidate.rule = std::string(placed.rule == nullptr ? "forced" : placed.rule->id);
    candidate.why = std::string(placed.rule == nullptr ? "asked for by --backend" : placed.rule->why);
    candidate.reached = assessment.reached;
    for (const Requirement& asked : request_.policy.requirements) {
      if (candidate.reached[asked.guarantee] < asked.level) candidate.unmet.push_back(asked);
    }
    candidate.weakened_by = assessment.weakened_by;
    candidate.risks = assessment.risks;
    candidate.conditions = assessment.conditions;
    candidate.moved_by_requirement = fell_to_level_;
    decision_.ranked.push_back(std::move(candidate));
  }

  bool IsMentioned(absl::string_view name) const {
    const auto is_it = [name](const auto& entry) { return entry.backend.name == name; };
    return std::any_of(decision_.ranked.begin(), decision_.ranked.end(), is_it) ||
           std::any_of(decision_.rejected.begin(), decision_.rejected.end(), is_it);
  }

  // Why the walk did not add it: what it says of itself, the condition of a coding sandbox that it fails, the rule that
  // refuses outright, or that the rules chose others.
  Rejection RejectionOf(const Backend& backend, const std::string& tier) const {
    Rejection rejection{{backend.info().name, tier}, "", {}, {}};
    if (IsForced()) {
      rejection.reasons = {
          MakeReason("other_backend_forced", absl::StrCat("--backend ", request_.policy.backend.forced))};
      return rejection;
    }
    const Assessment assessment = backend.Assess(tier, request_, facts_);
    rejection.conditions = assessment.conditions;
    const bool here = backend.info().os == facts_.host.os;
    if (const auto denied = DeniedByPolicy(backend.info().name); denied.has_value()) rejection.reasons = {*denied};
    if (here && request_.policy.workload == Workload::kCoding) {
      for (const ConditionResult& result : assessment.conditions) {
        if (result.meets != Meets::kNo) continue;
        AddReason(rejection.reasons,
                  MakeReason(CodeOf(result.condition), absl::StrCat(Name(result.condition), ": ", result.detail)));
      }
    }
    AddReasons(rejection.reasons, assessment.blockers);
    for (const Rule* rule : walk_.matched) {
      if (!here || rule->reason_if_empty.empty()) continue;
      rejection.rule = std::string(rule->id);
      AddReason(rejection.reasons, MakeReason(rule->reason_if_empty, absl::StrCat("rule ", rule->id, " (",
                                                                                  rule->when_text, "): ", rule->why)));
    }
    if (rejection.reasons.empty()) rejection.reasons = {NotInRule()};
    return rejection;
  }

  // The built-in table covers every request; one that a program brings may not.
  Reason NotInRule() const {
    if (walk_.matched.empty()) return MakeReason("no_rule", "no rule is about this request on this host");
    const Rule& last = *walk_.matched.back();
    return MakeReason("not_in_rule",
                      absl::StrCat("rule ", last.id, " (", last.when_text, ") chooses otherwise: ", last.why));
  }

  void RejectUnplaced(const Backend& backend) {
    std::vector<Rejection> by_tier;
    for (const std::string& tier : backend.info().tiers) by_tier.push_back(RejectionOf(backend, tier));
    const bool all_alike = std::all_of(by_tier.begin(), by_tier.end(), [&](const Rejection& rejection) {
      return rejection.reasons == by_tier.front().reasons;
    });
    if (all_alike) {
      decision_.rejected.push_back(RejectionOf(backend, ""));
      return;
    }
    std::move(by_tier.begin(), by_tier.end(), std::back_inserter(decision_.rejected));
  }

  void AddHints() {
    if (IsForced()) return;
    const auto only_os = [](const Rejection& rejection) {
      return rejection.reasons.size() == 1 && rejection.reasons[0].code == "command_is_windows";
    };
    if (std::any_of(decision_.rejected.begin(), decision_.rejected.end(), only_os)) {
      decision_.hints.push_back(
          absl::StrCat(decision_.ranked.empty() ? "possible" : "stronger",
                       ": --command-os any (WSL2: reads and network confined; costs drift and slow small files)"));
    }
    if (decision_.ranked.empty()) return;
    for (const Reason& reason : decision_.ranked[0].weakened_by) {
      if (reason.code != "not_provisioned") continue;
      decision_.hints.push_back(
          "stronger: paddock setup (a dedicated user: network filtered, other processes out of reach; one elevated "
          "step)");
    }
  }

  const std::vector<const Backend*>& backends_;
  const Request& request_;
  const Facts& facts_;
  const Walk walk_;
  Decision decision_;
  bool fell_to_level_ = false;
};

}  // namespace

Decision Evaluate(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts,
                  absl::Span<const Rule> rules) {
  return Evaluation(backends, request, facts, rules).Run();
}

}  // namespace paddock
