#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/dedicated_user.h"
#include "backends/windows_token/launch_dedicated.h"
#include "backends/windows_token/launch_enforcement.h"
#include "backends/windows_token/launch_filter_record.h"
#include "backends/windows_token/launch_leases.h"
#include "backends/windows_token/launch_side.h"
#include "backends/windows_token/launcher.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/sandbox.h"

namespace paddock {

WindowsTokenLauncherOptions::WindowsTokenLauncherOptions() = default;
WindowsTokenLauncherOptions::WindowsTokenLauncherOptions(WindowsTokenLauncherOptions&&) noexcept = default;
WindowsTokenLauncherOptions& WindowsTokenLauncherOptions::operator=(WindowsTokenLauncherOptions&&) noexcept = default;
WindowsTokenLauncherOptions::~WindowsTokenLauncherOptions() = default;

namespace {

constexpr int kInterrupt = 2;

absl::Status FromPlan(const absl::Status& status) {
  return ReasonOf(status).has_value() ? status : AsUnavailable(status);
}

// One launch, step by step: the developer's side, and the calls of the token's. What is made is held by parts_, and
// goes with it where a step fails.
class LaunchRun {
 public:
  LaunchRun(const WindowsTokenLauncherOptions& options, LaunchRecorder& recorder, TokenSide& side,
            const WindowsTokenPlan& plan, const Stdio& stdio)
      : options_(options), recorder_(recorder), side_(side), plan_(plan), stdio_(stdio) {}

  // `symbols`: what is known before the launch.
  absl::StatusOr<std::unique_ptr<Sandbox>> Run(Symbols symbols, EventSink& sink);

 private:
  absl::Status MakeFolders();
  bool Interrupted() const;
  absl::Status TakeLeases(EventSink& sink);
  absl::Status MakeRunJob();
  absl::Status MakeStdio();
  absl::Status MakeCommand(const Program& program);

  const WindowsTokenLauncherOptions& options_;
  LaunchRecorder& recorder_;
  TokenSide& side_;
  const WindowsTokenPlan& plan_;
  const Stdio& stdio_;

  Symbols symbols_;
  ChildStdio child_;
  Outcome outcome_ = {ExitKind::kExited, 0, 0, {}};
  RunParts parts_;
};

bool LaunchRun::Interrupted() const {
  return stdio_.signals != -1 && WaitForSingleObject(reinterpret_cast<HANDLE>(stdio_.signals), 0) == WAIT_OBJECT_0;
}

absl::Status LaunchRun::TakeLeases(EventSink& sink) {
  if (plan_.roots.empty()) return absl::OkStatus();
  if (options_.leases == nullptr) {
    return ReasonError(absl::StatusCode::kUnavailable, "plan_not_in_build", "this launcher takes no leases on ACLs");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<HeldLeases> leases, options_.leases->Take(plan_, symbols_, *options_.enforcement,
                                                                             sink, [this] { return Interrupted(); }));
  const std::vector<access::Sid>& capabilities = leases->capabilities();
  for (size_t i = 0; i < capabilities.size(); ++i) symbols_.Set(CapabilitySymbol(i), capabilities[i].ToString());
  parts_.changes.push_back(std::move(leases));
  return absl::OkStatus();
}

absl::Status LaunchRun::MakeFolders() {
  ASSIGN_OR_RETURN(parts_.folders, RunFolders::Make(plan_.state_dir, &symbols_));
  return parts_.folders->Add(plan_.folders, symbols_, [this](AclFile& file, const access::Ace& entry) {
    return options_.enforcement->CheckEntry(file, entry);
  });
}

absl::Status LaunchRun::MakeRunJob() {
  recorder_.OnCall("symbols", Json(symbols_.values()));
  parts_.port.reset(CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1));
  if (!parts_.port.valid()) return StepFailed("CreateIoCompletionPort");
  ASSIGN_OR_RETURN(parts_.job, MakeJob(plan_.job, parts_.port.get(), kJobKey, recorder_));
  RETURN_IF_ERROR(options_.enforcement->CheckJob(parts_.job.get(), plan_.job));
  parts_.applied.push_back("job object");
  return absl::OkStatus();
}

absl::Status LaunchRun::MakeStdio() {
  if (plan_.process.tty != stdio_.tty) {
    return absl::InvalidArgumentError("the plan and the caller do not agree on whether there is a terminal");
  }
  ASSIGN_OR_RETURN(RunStdio made, stdio_.tty ? MakeTerminalPipes(stdio_) : MakeStreams(stdio_));
  parts_.stdio = std::move(made.parent);
  child_ = std::move(made.child);
  return absl::OkStatus();
}

absl::Status LaunchRun::MakeCommand(const Program& program) {
  SideOrder order;
  order.token = &plan_.token;
  order.desktop = &plan_.desktop;
  order.process = &plan_.process;
  order.symbols = &symbols_;
  order.program = &program;
  order.job = parts_.job.get();
  order.columns = stdio_.tty_columns;
  order.rows = stdio_.tty_rows;
  ASSIGN_OR_RETURN(MadeCommand made, side_.Make(order, std::move(child_)));
  outcome_ = made.outcome;
  parts_.process = std::move(made.process);
  parts_.desktop = std::move(made.desktop);
  parts_.console = std::move(made.terminal);
  for (std::string& text : made.applied) parts_.applied.push_back(std::move(text));
  for (std::string& text : made.notices) parts_.notices.push_back(std::move(text));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Sandbox>> LaunchRun::Run(Symbols symbols, EventSink& sink) {
  symbols_ = std::move(symbols);
  ASSIGN_OR_RETURN(const access::Sid run, RandomRunSid());
  symbols_.Set("{run}", run.ToString());
  RETURN_IF_ERROR(side_.Check(plan_.token, plan_.roots.size(), &symbols_));
  RETURN_IF_ERROR(MakeFolders());
  ASSIGN_OR_RETURN(const Program program, FindProgram(plan_.process.command, symbols_.Fill(plan_.process.cwd),
                                                      FillAll(symbols_, plan_.process.environment)));
  if (program.outcome.kind != ExitKind::kExited) return EndedSandbox(program.outcome, sink);
  const absl::Status leased = TakeLeases(sink);
  // A large tree takes long, and whoever waits for it may give up.
  if (absl::IsCancelled(leased)) return EndedSandbox({ExitKind::kSignalled, 0, kInterrupt, {}}, sink);
  RETURN_IF_ERROR(leased);
  RETURN_IF_ERROR(MakeRunJob());
  RETURN_IF_ERROR(MakeStdio());
  RETURN_IF_ERROR(MakeCommand(program));
  if (outcome_.kind != ExitKind::kExited) return EndedSandbox(outcome_, sink);
  parts_.limits = plan_.limits;
  parts_.interrupt = stdio_.signals;
  return StartSandbox(std::move(parts_), sink);
}

class WindowsTokenLauncher : public Launcher {
 public:
  explicit WindowsTokenLauncher(WindowsTokenLauncherOptions options) : options_(std::move(options)) {}

  absl::string_view backend() const override { return "windows_token"; }

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio& stdio,
                                                  EventSink& sink) override {
    const auto* const body = dynamic_cast<const WindowsTokenPlan*>(plan.body.get());
    if (body == nullptr) return absl::InvalidArgumentError("the plan is not one of windows_token");
    auto sandbox = body->dedicated_user ? LaunchDedicated(*body, plan, stdio, sink) : LaunchOwn(*body, stdio, sink);
    if (absl::IsCancelled(sandbox.status())) return EndedSandbox({ExitKind::kSignalled, 0, kInterrupt, {}}, sink);
    if (!sandbox.ok()) return FromPlan(sandbox.status());
    return sandbox;
  }

 private:
  LaunchRecorder& recorder() { return options_.recorder != nullptr ? *options_.recorder : nobody_; }

  absl::StatusOr<std::unique_ptr<Sandbox>> LaunchOwn(const WindowsTokenPlan& body, const Stdio& stdio,
                                                     EventSink& sink) {
    const std::unique_ptr<TokenSide> side = MakeOwnTokenSide(*options_.enforcement, recorder(), station_);
    return LaunchRun(options_, recorder(), *side, body, stdio).Run({}, sink);
  }

  absl::StatusOr<std::unique_ptr<Sandbox>> LaunchDedicated(const WindowsTokenPlan& body, const LaunchPlan& plan,
                                                           const Stdio& stdio, EventSink& sink);

  WindowsTokenLauncherOptions options_;
  NoRecorder nobody_;
  std::mutex station_;  // of the process: MakeDesktop changes it for a moment
};

absl::Status Unverified(const NetworkTestResult& result) {
  return ReasonError(absl::StatusCode::kUnavailable, "network_filter_unverified", result.detail);
}

absl::StatusOr<std::unique_ptr<Sandbox>> WindowsTokenLauncher::LaunchDedicated(const WindowsTokenPlan& body,
                                                                               const LaunchPlan& plan,
                                                                               const Stdio& stdio, EventSink& sink) {
  if (options_.users == nullptr || options_.starter == nullptr) {
    return ReasonError(absl::StatusCode::kUnavailable, "not_provisioned", "this launcher knows no dedicated user");
  }
  ASSIGN_OR_RETURN(DedicatedUser user, options_.users->Find(body.filtered_network));
  Symbols symbols;
  symbols.Set("{group}", user.group.ToString());
  ASSIGN_OR_RETURN(const access::Token developer, ReadUserToken());
  symbols.Set("{developer}", developer.user.ToString());
  RunnerOptions options;
  options.starter = options_.starter.get();
  options.recorder = &recorder();
  options.station = &station_;
  if (stdio.signals != -1) options.interrupt = reinterpret_cast<HANDLE>(stdio.signals);
  const bool promised = plan.promised[Guarantee::kNetwork] >= network_level::kFiltered;
  if (body.filtered_network) {
    options.on_network = [&, setup = user.setup](const NetworkTestResult& result) {
      RememberNetworkFilter(body.state_dir, setup, result.finding);
      const bool holds = result.finding == FilterFinding::kHolds;
      return result.finding == FilterFinding::kOpen || (promised && !holds) ? Unverified(result) : absl::OkStatus();
    };
  }
  const std::unique_ptr<TokenSide> side = MakeRunnerTokenSide(std::move(user), std::move(options));
  return LaunchRun(options_, recorder(), *side, body, stdio).Run(std::move(symbols), sink);
}

}  // namespace

std::unique_ptr<Launcher> MakeWindowsTokenLauncher(WindowsTokenLauncherOptions options) {
  return std::make_unique<WindowsTokenLauncher>(std::move(options));
}

}  // namespace paddock
