#include "core/runtime/runtime.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

// Passes a run's events on, but for ExitedEvent: the runtime itself sends that one, so that it comes once and last
// whatever a launcher does, and also when nothing ran.
class RunningSink : public EventSink {
 public:
  explicit RunningSink(EventSink& sink) : sink_(sink) {}
  void OnEvent(const Event& event) override {
    if (!std::holds_alternative<ExitedEvent>(event)) sink_.OnEvent(event);
  }

 private:
  EventSink& sink_;
};

Reason ReasonFrom(const absl::Status& status, absl::string_view code) {
  return ReasonOf(status).value_or(MakeReason(code, status.message()));
}

// FailedPrecondition, InvalidArgument and NotFound say that the request cannot be served as it stands; everything else
// is a failure of Paddock or the host.
Outcome NotRun(const absl::Status& status, absl::string_view code) {
  const bool refused = absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status) ||
                       absl::IsNotFound(status) || absl::IsUnavailable(status);
  return {refused ? ExitKind::kRefused : ExitKind::kFailed, 0, 0, ReasonFrom(status, code)};
}

std::vector<Requirement> Unmet(const std::vector<Requirement>& requirements, const GuaranteeLevels& promised) {
  std::vector<Requirement> unmet;
  for (const Requirement& asked : requirements) {
    if (promised[asked.guarantee] < asked.level) unmet.push_back(asked);
  }
  return unmet;
}

// The ranking filters by what a backend says it reaches; the plan is what would run. It is checked once more, so that
// no fallback and no slip of a backend takes a run below what the user required.
absl::Status CheckRequired(const LaunchPlan& plan, const Request& request) {
  for (const Requirement& missing : Unmet(request.policy.requirements, plan.promised)) {
    if (!missing.required) continue;
    const absl::string_view name = GuaranteeName(missing.guarantee);
    return ReasonError(absl::StatusCode::kFailedPrecondition, absl::StrCat("guarantee_unreachable:", name),
                       absl::StrCat(ToString(plan.backend), " plans ", name, "=",
                                    LevelName(missing.guarantee, plan.promised[missing.guarantee]), ", required is ",
                                    LevelName(missing.guarantee, missing.level)));
  }
  return absl::OkStatus();
}

Report ReportFor(const Request& request) {
  Report report;
  report.command = request.command;
  report.workspace = request.workspace;
  return report;
}

Report Finish(Report report, Outcome outcome, EventSink& sink) {
  report.result.outcome = std::move(outcome);
  sink.OnEvent(ExitedEvent{report.result.outcome});
  return report;
}

std::vector<RuleVerdict> Merge(std::vector<RuleVerdict> planned, std::vector<RuleVerdict> learnt) {
  for (RuleVerdict& verdict : learnt) {
    const auto same = std::find_if(planned.begin(), planned.end(),
                                   [&](const RuleVerdict& other) { return other.rule == verdict.rule; });
    if (same == planned.end()) {
      planned.push_back(std::move(verdict));
    } else {
      *same = std::move(verdict);
    }
  }
  return planned;
}

// What a fallback costs, told once: the guarantees on which `plan` is weaker than the first choice would have been.
void TellWeakened(const Candidate& first, const GuaranteeLevels& promised, std::vector<std::string>& notices) {
  std::string text;
  for (const Guarantee guarantee : kAllGuarantees) {
    if (promised[guarantee] >= first.reached[guarantee]) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ", GuaranteeName(guarantee), "=",
                    LevelName(guarantee, promised[guarantee]), " instead of ",
                    LevelName(guarantee, first.reached[guarantee]));
  }
  if (text.empty()) return;
  notices.push_back(absl::StrCat("weaker than the first choice, ", ToString(first.backend), ": ", text));
}

std::string FallbackText(const FallbackStep& step) {
  return absl::StrCat(ToString(step.backend), " cannot be used: ", step.reason.detail, " (", step.reason.code, ")");
}

// The first choice's reason stands for all; the report lists each.
Outcome AllUnavailable(const std::vector<FallbackStep>& fallbacks) {
  Reason reason = fallbacks.front().reason;
  reason.detail = absl::StrCat("every ranked backend turned out to be unavailable; ", FallbackText(fallbacks.front()));
  return {ExitKind::kRefused, 0, 0, std::move(reason)};
}

// A candidate that was launched, of a decision in which `first` stood first.
class LaunchedRun : public ActiveRun {
 public:
  LaunchedRun(EventSink& sink, Report report) : running_(sink), sink_(sink), report_(std::move(report)) {}

  // What the launcher tells until `sandbox` is set, too.
  EventSink& running() { return running_; }
  Report& report() { return report_; }

  void Set(const Candidate& candidate, const Candidate& first, const Request& request, LaunchPlan plan,
           std::unique_ptr<Sandbox> sandbox) {
    report_.backend = candidate.backend;
    report_.rule = candidate.rule;
    report_.why = candidate.why;
    report_.promised = plan.promised;
    report_.unmet = Unmet(request.policy.requirements, plan.promised);
    report_.verdicts = std::move(plan.verdicts);
    report_.risks = std::move(plan.risks);
    if (!report_.fallbacks.empty()) first_ = first;
    sandbox_ = std::move(sandbox);
  }

  Sandbox& sandbox() override { return *sandbox_; }

  Report Wait() override {
    RunResult result = sandbox_->Wait();
    if (first_.has_value()) TellWeakened(*first_, report_.promised, result.notices);
    report_.verdicts = Merge(std::move(report_.verdicts), std::move(result.verdicts));
    report_.inner = std::move(result.inner);
    report_.result = std::move(result);
    Outcome outcome = report_.result.outcome;
    return Finish(std::move(report_), std::move(outcome), sink_);
  }

 private:
  RunningSink running_;
  EventSink& sink_;
  Report report_;
  std::optional<Candidate> first_;    // set if another one runs
  std::unique_ptr<Sandbox> sandbox_;  // uses running_
};

}  // namespace

void Runtime::Register(std::unique_ptr<Backend> backend) { backends_.push_back(std::move(backend)); }
void Runtime::Register(std::unique_ptr<Launcher> launcher) { launchers_.push_back(std::move(launcher)); }

std::vector<const Backend*> Runtime::backends() const {
  std::vector<const Backend*> all;
  for (const auto& backend : backends_) all.push_back(backend.get());
  return all;
}

absl::StatusOr<Facts> Runtime::Probe(const Request& request) const {
  Facts facts;
  if (probe_ == nullptr) return absl::UnimplementedError("this program cannot look at the host that it runs on");
  facts.host = probe_->ProbeHost(request);
  // Before and after, since another run's placeholders may come or go while the workspace is looked at.
  LeaseFacts before = probe_->ProbeLeases(request);
  ASSIGN_OR_RETURN(facts.workspace, probe_->ProbeWorkspace(request));
  facts.leases = probe_->ProbeLeases(request);
  for (Lease& lease : before.leases) facts.leases.leases.push_back(std::move(lease));
  return facts;
}

Decision Runtime::Decide(const Request& request, const Facts& facts) const {
  return Evaluate(backends(), request, facts, rules_);
}

absl::StatusOr<LaunchPlan> Runtime::Plan(const BackendRef& ref, const Request& request, const Facts& facts) const {
  for (const auto& backend : backends_) {
    if (backend->info().name == ref.name) return backend->Plan(ref.tier, request, facts);
  }
  return ReasonError(absl::StatusCode::kNotFound, "unknown_backend",
                     absl::StrCat("no backend named '", ref.name, "' is part of this build"));
}

absl::StatusOr<std::unique_ptr<Sandbox>> Runtime::Launch(const BackendRef& backend, const Request& request,
                                                         const Facts& facts, const Stdio& stdio, EventSink& sink,
                                                         LaunchPlan& plan) const {
  ASSIGN_OR_RETURN(plan, Plan(backend, request, facts));
  RETURN_IF_ERROR(CheckRequired(plan, request));
  for (const auto& launcher : launchers_) {
    if (launcher->backend() == backend.name) return launcher->Launch(plan, stdio, sink);
  }
  return ReasonError(absl::StatusCode::kUnavailable, "no_launcher",
                     absl::StrCat("this build has no launcher for ", backend.name));
}

absl::StatusOr<std::unique_ptr<Sandbox>> Runtime::LaunchAnew(const BackendRef& backend, const Request& request,
                                                             const Facts& facts, const Stdio& stdio, EventSink& sink,
                                                             LaunchPlan& plan) const {
  constexpr int kAttempts = 5;
  auto sandbox = Launch(backend, request, facts, stdio, sink, plan);
  for (int attempt = 1; attempt < kAttempts && !sandbox.ok(); ++attempt) {
    const auto reason = ReasonOf(sandbox.status());
    if (!reason.has_value() || reason->code != "path_changed") break;
    ASSIGN_OR_RETURN(const Facts now, Probe(request));
    sandbox = Launch(backend, request, now, stdio, sink, plan);
  }
  return sandbox;
}

Report Runtime::Run(const Request& request, const Stdio& stdio, EventSink& sink) const {
  auto started = Start(request, stdio, sink);
  if (Report* const report = std::get_if<Report>(&started)) return std::move(*report);
  return std::get<std::unique_ptr<ActiveRun>>(started)->Wait();
}

std::variant<std::unique_ptr<ActiveRun>, Report> Runtime::Start(const Request& request, const Stdio& stdio,
                                                                EventSink& sink) const {
  const absl::StatusOr<Facts> facts = Probe(request);
  if (facts.ok()) return StartDecided(request, *facts, Decide(request, *facts), stdio, sink);
  return Finish(ReportFor(request), NotRun(facts.status(), "probe_failed"), sink);
}

std::variant<std::unique_ptr<ActiveRun>, Report> Runtime::StartDecided(const Request& request, const Facts& facts,
                                                                       const Decision& decision, const Stdio& stdio,
                                                                       EventSink& sink) const {
  if (decision.ranked.empty())
    return Finish(ReportFor(request), {ExitKind::kRefused, 0, 0, WhyNothing(decision)}, sink);

  auto run = std::make_unique<LaunchedRun>(sink, ReportFor(request));
  std::vector<FallbackStep>& fallbacks = run->report().fallbacks;
  for (const Candidate& candidate : decision.ranked) {
    LaunchPlan plan;
    auto sandbox = LaunchAnew(candidate.backend, request, facts, stdio, run->running(), plan);
    if (sandbox.ok()) {
      run->Set(candidate, decision.ranked[0], request, std::move(plan), *std::move(sandbox));
      return run;
    }
    if (!absl::IsUnavailable(sandbox.status())) {
      return Finish(std::move(run->report()), NotRun(sandbox.status(), "launch_failed"), sink);
    }
    fallbacks.push_back({candidate.backend, ReasonFrom(sandbox.status(), "launch_failed")});
    sink.OnEvent(NoticeEvent{FallbackText(fallbacks.back())});
  }
  Outcome outcome = AllUnavailable(fallbacks);
  return Finish(std::move(run->report()), std::move(outcome), sink);
}

}  // namespace paddock
