#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/doctor/check.h"
#include "core/doctor/doctor.h"
#include "core/rubric/rubric.h"

namespace paddock {
namespace {

// A kind of run that is asked about.
struct View {
  std::string options;
  Request request;
};

// What would happen in a view.
struct Outcome {
  std::optional<BackendRef> backend;
  GuaranteeLevels levels;
  std::map<std::string, Verdict> rules;  // empty where this build has no plan
  std::set<std::string> risks;
  std::optional<Reason> refusal;
};

View ComputerUse(const Request& request) {
  View view{"--workload computer-use", request};
  Request& r = view.request;
  r.policy.workload = Workload::kComputerUse;
  r.policy.requirements.clear();  // those of the profile for coding are about a workspace
  r.workspace.clear();
  r.cwd.clear();
  for (auto* rules : {&r.write, &r.deny_write, &r.read_only, &r.deny_read, &r.unix_sockets}) rules->clear();
  return view;
}

// The run as asked, and those that reach more, or lean on other facts, by one option.
std::vector<View> ViewsOf(const Request& request, const Facts& facts) {
  std::vector<View> views = {{"", request}};
  if (request.policy.workload != Workload::kCoding) return views;
  if (facts.host.os == OsFamily::kLinux) {
    if (request.policy.network.mode != NetworkMode::kOpen) {
      views.push_back({"--net open", request});
      views.back().request.policy.network.mode = NetworkMode::kOpen;
    }
    return views;
  }
  if (request.policy.command_os == CommandOs::kNative) {
    views.push_back({"--command-os any", request});
    views.back().request.policy.command_os = CommandOs::kAny;
  }
  views.push_back(ComputerUse(request));
  return views;
}

bool IsNotInBuild(const Reason& reason) { return reason.code == "plan_not_in_build"; }

const Backend* FindBackend(const std::vector<const Backend*>& backends, const std::string& name) {
  const auto found =
      std::find_if(backends.begin(), backends.end(), [&](const Backend* b) { return b->info().name == name; });
  return found == backends.end() ? nullptr : *found;
}

void PlanInto(const Backend& backend, const Request& request, const Facts& facts, Outcome& outcome) {
  const absl::StatusOr<LaunchPlan> plan = backend.Plan(outcome.backend->tier, request, facts);
  if (plan.ok()) {
    outcome.levels = plan->promised;
    for (const RuleVerdict& verdict : plan->verdicts) outcome.rules[verdict.rule] = verdict.verdict;
    outcome.risks.clear();
    for (const Risk& risk : plan->risks) outcome.risks.insert(risk.code);
    return;
  }
  outcome.refusal = ReasonOf(plan.status()).value_or(MakeReason("launch_failed", plan.status().message()));
  if (!IsNotInBuild(*outcome.refusal)) outcome.backend.reset();
}

// The reasons of the candidate that the rules put first.
std::optional<Reason> RefusalOf(const Decision& decision) {
  for (const Rejection& rejection : decision.rejected) {
    if (!rejection.rule.empty() && !rejection.reasons.empty()) return rejection.reasons.front();
  }
  return decision.rejected.empty() ? std::nullopt : std::optional<Reason>(decision.rejected.front().reasons.front());
}

Outcome Look(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts) {
  const Decision decision = Evaluate(backends, request, facts);
  Outcome outcome;
  if (decision.ranked.empty()) {
    outcome.refusal = RefusalOf(decision);
    return outcome;
  }
  const Candidate& first = decision.ranked.front();
  outcome.backend = first.backend;
  outcome.levels = first.reached;
  for (const Risk& risk : first.risks) outcome.risks.insert(risk.code);
  const Backend* const backend = FindBackend(backends, first.backend.name);
  if (backend != nullptr) PlanInto(*backend, request, facts, outcome);
  return outcome;
}

std::string Text(const std::optional<BackendRef>& backend) { return backend.has_value() ? ToString(*backend) : ""; }

Effect Compare(const std::string& options, const Outcome& before, const Outcome& after) {
  Effect effect;
  effect.options = options;
  effect.from = Text(before.backend);
  effect.to = Text(after.backend);
  if (!before.backend.has_value() || !after.backend.has_value()) return effect;
  for (const Guarantee guarantee : kAllGuarantees) {
    const Level from = before.levels[guarantee], to = after.levels[guarantee];
    if (from != to) effect.levels.push_back({guarantee, from, to});
  }
  for (const auto& [rule, from] : before.rules) {
    const auto to = after.rules.find(rule);
    if (to != after.rules.end() && to->second != from) effect.rules.push_back({rule, from, to->second});
  }
  std::set_difference(before.risks.begin(), before.risks.end(), after.risks.begin(), after.risks.end(),
                      std::back_inserter(effect.closes));
  return effect;
}

bool SameChange(const Effect& a, const Effect& b) {
  const auto level = [](const LevelChange& x, const LevelChange& y) {
    return x.guarantee == y.guarantee && x.from == y.from && x.to == y.to;
  };
  return a.from == b.from && a.to == b.to &&
         std::equal(a.levels.begin(), a.levels.end(), b.levels.begin(), b.levels.end(), level);
}

class Diagnostician {
 public:
  Diagnostician(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts)
      : backends_(backends), facts_(facts), views_(ViewsOf(request, facts)), now_(LookAll(facts)) {}

  const std::vector<View>& views() const { return views_; }
  const std::vector<Outcome>& now() const { return now_; }

  // What mending `check` alone changes; where that is nothing, or leads to something that is refused for another
  // finding, what it changes once all `others` are mended.
  std::vector<Effect> EffectsOf(const Check& check, const std::vector<const Check*>& others, bool& alone) const {
    Facts mended = facts_;
    check.mend(mended);
    std::vector<Effect> effects = CompareAll(now_, LookAll(mended));
    const bool refused = std::any_of(effects.begin(), effects.end(), [](const Effect& e) { return e.to.empty(); });
    alone = (!effects.empty() && !refused) || others.empty();
    if (alone) return effects;
    Facts rest = facts_;
    for (const Check* other : others) other->mend(rest);
    Facts all = rest;
    check.mend(all);
    effects = CompareAll(LookAll(rest), LookAll(all));
    alone = effects.empty();
    return effects;
  }

 private:
  std::vector<Outcome> LookAll(const Facts& facts) const {
    std::vector<Outcome> outcomes;
    for (const View& view : views_) outcomes.push_back(Look(backends_, view.request, facts));
    return outcomes;
  }

  std::vector<Effect> CompareAll(const std::vector<Outcome>& before, const std::vector<Outcome>& after) const {
    std::vector<Effect> effects;
    for (size_t i = 0; i < views_.size(); ++i) {
      Effect effect = Compare(views_[i].options, before[i], after[i]);
      const bool changes =
          effect.from != effect.to || !effect.levels.empty() || !effect.rules.empty() || !effect.closes.empty();
      // Another option adds nothing where it changes the same.
      if (changes && (effects.empty() || !SameChange(effects.front(), effect))) effects.push_back(std::move(effect));
    }
    return effects;
  }

  const std::vector<const Backend*>& backends_;
  const Facts& facts_;
  const std::vector<View> views_;
  const std::vector<Outcome> now_;
};

Severity SeverityOf(const Check& check, const std::vector<Effect>& effects) {
  if (check.weight == Weight::kAdvice) return Severity::kAdvice;
  if (check.weight == Weight::kBlocks) return Severity::kBlocks;
  for (const Effect& effect : effects) {
    if (effect.from != effect.to) return Severity::kBlocks;
  }
  const bool weakens = !effects.empty() && effects.front().options.empty() &&
                       (!effects.front().levels.empty() || !effects.front().rules.empty());
  return weakens ? Severity::kWeakens : Severity::kAdvice;
}

bool SilentWithoutEffect(Weight weight) { return weight == Weight::kIfEffective || weight == Weight::kNotMendable; }

// The run as asked is refused for something that no check is about: the workspace, a rule of the policy.
void AddRefusal(const Outcome& now, std::vector<Finding>& findings) {
  if (now.backend.has_value() || !now.refusal.has_value()) return;
  const bool explained =
      std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.severity == Severity::kBlocks; });
  if (explained) return;
  Finding finding;
  finding.id = now.refusal->code;
  finding.severity = Severity::kBlocks;
  finding.found = now.refusal->detail;
  const ReasonCode* row = FindReasonCode(finding.id);
  const std::string remedy = row == nullptr ? "" : std::string(row->remedy);
  finding.remedies.push_back({now.refusal->remedy.empty() ? remedy : now.refusal->remedy, {}});
  findings.push_back(std::move(finding));
}

}  // namespace

absl::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kBlocks:
      return "blocks";
    case Severity::kWeakens:
      return "weakens";
    case Severity::kAdvice:
      break;
  }
  return "advice";
}

Diagnosis Diagnose(const std::vector<const Backend*>& backends, const Request& request, const Facts& facts,
                   absl::string_view executable) {
  const Subject subject{request, facts, executable};
  const Diagnostician diagnostician(backends, request, facts);
  std::vector<const Check*> applying;
  for (const Check& check : ChecksFor(facts.host.os)) {
    if (check.applies(subject)) applying.push_back(&check);
  }
  Diagnosis diagnosis;
  for (const Check* check : applying) {
    std::vector<const Check*> others;
    std::copy_if(applying.begin(), applying.end(), std::back_inserter(others), [check](const Check* other) {
      return other != check && other->weight != Weight::kAdvice && other->weight != Weight::kNotMendable;
    });
    Finding finding;
    finding.id = std::string(check->id);
    finding.effects = diagnostician.EffectsOf(*check, others, finding.alone);
    if (finding.effects.empty() && SilentWithoutEffect(check->weight)) continue;
    finding.severity = SeverityOf(*check, finding.effects);
    finding.mendable = check->weight != Weight::kNotMendable;
    Found found = check->found(subject);
    finding.found = std::move(found.text);
    finding.source = std::move(found.source);
    finding.remedies = check->remedies(subject);
    diagnosis.findings.push_back(std::move(finding));
  }
  AddRefusal(diagnostician.now().front(), diagnosis.findings);
  std::stable_sort(diagnosis.findings.begin(), diagnosis.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
  for (size_t i = 0; i < diagnostician.views().size(); ++i) {
    const Outcome& now = diagnostician.now()[i];
    diagnosis.now.push_back({diagnostician.views()[i].options, now.backend, now.levels, now.refusal});
  }
  return diagnosis;
}

bool NeedsMending(const Diagnosis& diagnosis) {
  return std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                     [](const Finding& f) { return f.mendable && f.severity != Severity::kAdvice; });
}

}  // namespace paddock
