#include "service/posix/runner.h"

#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/wsl2/frame.h"
#include "backends/wsl2/launch_relay_pump.h"
#include "backends/wsl2/relay_request.h"
#include "compose/audit.h"
#include "compose/decide.h"
#include "compose/prepare.h"
#include "compose/registry.h"
#include "core/base/json.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/platform/signal_relay.h"
#include "core/report/report.h"
#include "service/start.h"

namespace paddock::service {
namespace {

using wsl2::FrameType;
using wsl2::RelayPump;

constexpr size_t kLargestFacts = 4u << 20;

// Output comes by the pump's pipes, not as events; ExitedEvent is the report's.
class PumpSink : public EventSink {
 public:
  explicit PumpSink(RelayPump* pump) : pump_(pump) {}
  void OnEvent(const Event& event) override {
    if (const auto* started = std::get_if<StartedEvent>(&event)) {
      pump_->Tell(FrameType::kStarted, wsl2::StartedPayload(started->process_id));
    } else if (const auto* violation = std::get_if<ViolationEvent>(&event)) {
      pump_->Tell(FrameType::kViolation, wsl2::ViolationPayload(violation->violation));
    } else if (const auto* notice = std::get_if<NoticeEvent>(&event)) {
      pump_->Tell(FrameType::kNotice, wsl2::NoticePayload(notice->text));
    }
  }

 private:
  RelayPump* pump_;
};

// The client's directory and environment; the rest is this account's. A client that could say where the home is could
// say that "~/.ssh" is somewhere else, and one that could move the XDG directories would keep its journals from `gc`.
absl::StatusOr<Caller> CallerFor(const Start& start) {
  ASSIGN_OR_RETURN(Caller own, ReadCaller());
  Caller caller;
  caller.home = own.home;
  caller.executable = own.executable;
  caller.cwd = start.cwd.empty() ? "/" : start.cwd;
  if (!IsAbsolutePath(caller.cwd)) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "path_invalid",
                       absl::StrCat("the caller's directory '", caller.cwd, "' is no absolute path"));
  }
  caller.cwd = JoinPath("/", caller.cwd);
  if (chdir(caller.cwd.c_str()) != 0) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "cwd_unusable",
                       absl::ErrnoToStatus(errno, absl::StrCat("the caller's directory ", caller.cwd)).message());
  }
  const auto is_own = [](const std::string& name) { return name == "HOME" || absl::StartsWith(name, "XDG_"); };
  for (auto& [name, value] : ParseEnvironment(start.environment)) {
    if (!is_own(name)) caller.environment[name] = value;
  }
  for (auto& [name, value] : own.environment) {
    if (is_own(name)) caller.environment[name] = value;
  }
  return caller;
}

absl::Status Send(RelayPump* pump, FrameType type, absl::string_view payload) {
  ASSIGN_OR_RETURN(const std::string frame, wsl2::EncodeFrame(type, payload));
  return pump->Send(frame);
}

// ---- Questions.

// A question has nothing that would notice the daemon's end while it looks at a file system that hangs.
void EndWithDaemon(int channel) {
  std::thread([channel] {
    pollfd event = {channel, POLLRDHUP, 0};
    while (poll(&event, 1, -1) < 0) {
    }
    _exit(1);
  }).detach();
}

absl::StatusOr<Decided> DecideStart(const Start& start, const Caller& caller, const std::string& tool) {
  if (start.facts.empty()) return DecideHere(start.settings, start.command, caller, {tool});
  ASSIGN_OR_RETURN(const Json json, ParseJson(start.facts, "the facts", kLargestFacts));
  ASSIGN_OR_RETURN(Facts facts, FactsFromJson(json, "the facts"));
  return DecideFor(std::move(facts), start.settings, start.command, caller);
}

absl::StatusOr<Ending> Explain(const Start& start, const Caller& caller, const std::string& tool) {
  ASSIGN_OR_RETURN(const Decided decided, DecideStart(start, caller, tool));
  Ending ending;
  ending.json = DumpJson(ToJson(decided.decision));
  if (decided.decision.ranked.empty()) return ending;
  const auto plan = decided.runtime->Plan(decided.decision.ranked.front().backend, decided.request, decided.facts);
  ending.would_run = plan.ok();
  ending.refusal = plan.status();
  return ending;
}

absl::StatusOr<Ending> Plan(const Start& start, const Caller& caller, const std::string& tool) {
  ASSIGN_OR_RETURN(const Decided decided, DecideStart(start, caller, tool));
  if (decided.decision.ranked.empty()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, WhyNothing(decided.decision));
  }
  ASSIGN_OR_RETURN(const LaunchPlan plan,
                   decided.runtime->Plan(decided.decision.ranked.front().backend, decided.request, decided.facts));
  Ending ending;
  ending.json = DumpJson(ToJson(plan));
  return ending;
}

absl::StatusOr<Ending> Answer(Start start, const std::string& tool) {
  if (start.command.empty()) start.command = {"true"};
  ASSIGN_OR_RETURN(const Caller caller, CallerFor(start));
  Ending ending;
  switch (start.task) {
    case Task::kExplain:
      return Explain(start, caller, tool);
    case Task::kPlan:
      return Plan(start, caller, tool);
    case Task::kAudit: {
      ASSIGN_OR_RETURN(const audit::AuditReport report, AuditHere(start.settings, start.command, caller, {tool}));
      ending.json = DumpJson(ToJson(report));
      return ending;
    }
    case Task::kProbe:
    case Task::kRun:
      break;
  }
  ASSIGN_OR_RETURN(const Request request, PrepareRequest(start.settings, start.command, caller));
  ASSIGN_OR_RETURN(const Facts facts, MakeRuntime(caller, {tool})->Probe(request));
  ending.json = DumpJson(ToJson(facts));
  return ending;
}

// ---- Runs.

Ending EndingOf(const Report& report, bool with_report = true) {
  const Outcome& outcome = report.result.outcome;
  Ending ending;
  ending.exit_status = ExitStatus(outcome);
  ending.kind = std::string(Name(outcome.kind));
  const bool ran = outcome.kind != ExitKind::kRefused && outcome.kind != ExitKind::kFailed;
  if (with_report || !ran) ending.json = DumpJson(ToJson(report));
  if (outcome.kind == ExitKind::kRefused) {
    ending.status = ReasonError(absl::StatusCode::kFailedPrecondition, outcome.reason);
  } else if (outcome.kind == ExitKind::kFailed) {
    ending.status = ReasonError(absl::StatusCode::kInternal, outcome.reason);
  }
  return ending;
}

// A request that cannot be made is a refusal like any other: the report says so.
Ending Refusal(const Start& start, const absl::Status& why) {
  Report report;
  report.command = start.command;
  report.result.outcome.kind = ExitKind::kRefused;
  report.result.outcome.reason = ReasonOf(why).value_or(MakeReason("request_invalid", why.message()));
  Ending ending = EndingOf(report);
  ending.status = ReasonError(why.code(), report.result.outcome.reason);
  return ending;
}

struct PreparedRun {
  Request request;
  std::unique_ptr<Runtime> runtime;
};

absl::StatusOr<PreparedRun> Prepare(const Start& start, const std::string& tool) {
  PreparedRun prepared;
  ASSIGN_OR_RETURN(const Caller caller, CallerFor(start));
  ASSIGN_OR_RETURN(prepared.request, PrepareRequest(start.settings, start.command, caller));
  prepared.request.tty = start.tty.has_value() ? TtyMode::kAlways : TtyMode::kNever;
  prepared.runtime = MakeRuntime(caller, {tool});
  return prepared;
}

Report RunToEnd(const PreparedRun& prepared, const Stdio& stdio, RelayPump* pump) {
  PumpSink sink(pump);
  auto started = prepared.runtime->Start(prepared.request, stdio, sink);
  if (Report* const refused = std::get_if<Report>(&started)) return std::move(*refused);
  ActiveRun& run = *std::get<std::unique_ptr<ActiveRun>>(started);
  pump->Observe(&run.sandbox());
  Report report = run.Wait();
  pump->Observe(nullptr);
  return report;
}

absl::Status Run(const Start& start, const std::string& tool, RelayPump* pump) {
  const auto prepared = Prepare(start, tool);
  if (!prepared.ok()) return Send(pump, FrameType::kExited, EncodeEnding(Refusal(start, prepared.status())));
  ASSIGN_OR_RETURN(Stdio stdio, pump->Connect(start.in, true, true, start.tty.has_value()));
  if (start.tty.has_value()) {
    stdio.tty_columns = start.tty->columns;
    stdio.tty_rows = start.tty->rows;
  }
  // The run stays on this thread: its processes die with the thread that started them. Once its end has been delivered,
  // nothing is left to do, and this process need not wait for its own threads.
  std::thread copying([&] {
    pump->Copy();
    if (pump->status().ok()) _exit(0);
  });
  pump->Ended(EncodeEnding(EndingOf(RunToEnd(*prepared, stdio, pump), start.report)));
  copying.join();
  return pump->status();
}

}  // namespace

absl::Status ServeTask(int channel, const std::string& tool) {
  ASSIGN_OR_RETURN(const SignalRelay signals, SignalRelay::Start());
  RelayPump pump(channel, channel, signals.handle());
  ASSIGN_OR_RETURN(const std::string payload, pump.AwaitStart());
  ASSIGN_OR_RETURN(Start start, ParseStart(payload));
  if (start.task == Task::kRun) return Run(start, tool, &pump);
  EndWithDaemon(channel);
  auto ending = Answer(std::move(start), tool);
  if (!ending.ok()) {
    const absl::Status why = ending.status();
    ending = Ending();
    ending->status = why;
  }
  return Send(&pump, FrameType::kExited, EncodeEnding(*ending));
}

}  // namespace paddock::service
