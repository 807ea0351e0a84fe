#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_enforcement.h"
#include "backends/windows_token/launch_leases.h"
#include "backends/windows_token/launch_order.h"
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

std::string CapabilitySymbol(size_t i) { return i == 0 ? "{capability}" : absl::StrCat("{capability:", i + 1, "}"); }

absl::Status FromPlan(const absl::Status& status) {
  return ReasonOf(status).has_value() ? status : AsUnavailable(status);
}

// One launch, step by step. What is made is held by parts_, and goes with it where a step fails.
class LaunchRun {
 public:
  LaunchRun(const WindowsTokenLauncherOptions& options, LaunchRecorder& recorder, std::mutex& station,
            const WindowsTokenPlan& plan, const Stdio& stdio)
      : options_(options), recorder_(recorder), station_(station), plan_(plan), stdio_(stdio) {}

  absl::StatusOr<std::unique_ptr<Sandbox>> Run(EventSink& sink);

 private:
  absl::Status NameWhatIsKnown();
  absl::Status TryToken();
  absl::Status MakeFolders();
  bool Interrupted() const;
  absl::Status TakeLeases(EventSink& sink);
  absl::Status MakeToken();
  absl::Status MakeConfinement();
  absl::Status MakeStdio();
  absl::Status MakeProcess();
  std::vector<std::string> FillAll(const std::vector<std::string>& texts) const;

  const WindowsTokenLauncherOptions& options_;
  LaunchRecorder& recorder_;
  std::mutex& station_;
  const WindowsTokenPlan& plan_;
  const Stdio& stdio_;

  Symbols symbols_;
  BaseToken base_;
  TokenOrder order_;
  UniqueHandle token_;
  Program program_;
  ChildStdio child_;
  RunParts parts_;
};

std::vector<std::string> LaunchRun::FillAll(const std::vector<std::string>& texts) const {
  std::vector<std::string> filled;
  for (const std::string& text : texts) filled.push_back(symbols_.Fill(text));
  return filled;
}

absl::Status LaunchRun::NameWhatIsKnown() {
  ASSIGN_OR_RETURN(base_, OpenBaseToken());
  ASSIGN_OR_RETURN(const access::Sid run, RandomRunSid());
  symbols_.Set("{user}", base_.user.ToString());
  symbols_.Set("{logon}", base_.logon.ToString());
  symbols_.Set("{run}", run.ToString());
  return absl::OkStatus();
}

// A token like the run's, with random SIDs for those of the leases: where the system does not restrict, nothing on the
// host is changed.
absl::Status LaunchRun::TryToken() {
  Symbols symbols = symbols_;
  for (size_t i = 0; i < plan_.roots.size(); ++i) {
    ASSIGN_OR_RETURN(const access::Sid sid, RandomRunSid());
    symbols.Set(CapabilitySymbol(i), sid.ToString());
  }
  ASSIGN_OR_RETURN(const TokenOrder order, MakeTokenOrder(plan_.token, symbols));
  NoRecorder nobody;
  return options_.enforcement->Token(base_, order, nobody).status();
}

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

absl::Status LaunchRun::MakeToken() {
  recorder_.OnCall("symbols", Json(symbols_.values()));
  ASSIGN_OR_RETURN(order_, MakeTokenOrder(plan_.token, symbols_));
  ASSIGN_OR_RETURN(token_, options_.enforcement->Token(base_, order_, recorder_));
  parts_.applied.push_back(absl::StrCat(plan_.token.write_restricted ? "write-restricted" : "restricted", " token"));
  return absl::OkStatus();
}

absl::Status LaunchRun::MakeConfinement() {
  parts_.port.reset(CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1));
  if (!parts_.port.valid()) return StepFailed("CreateIoCompletionPort");
  ASSIGN_OR_RETURN(parts_.job, MakeJob(plan_.job, parts_.port.get(), kJobKey, recorder_));
  RETURN_IF_ERROR(options_.enforcement->CheckJob(parts_.job.get(), plan_.job));
  parts_.applied.push_back("job object");
  const std::lock_guard<std::mutex> lock(station_);
  ASSIGN_OR_RETURN(parts_.desktop, MakeDesktop(plan_.desktop, symbols_, recorder_));
  parts_.applied.push_back(plan_.desktop.own_station ? "own window station and desktop" : "own desktop");
  if (parts_.desktop.shared_in_session) {
    parts_.notices.push_back(
        "the window station, with its clipboard, is shared with other runs of this logon session, not with the user's "
        "desktop: only an administrator can make one for each run");
  }
  return absl::OkStatus();
}

absl::Status LaunchRun::MakeStdio() {
  if (plan_.process.tty != stdio_.tty) {
    return absl::InvalidArgumentError("the plan and the caller do not agree on whether there is a terminal");
  }
  ASSIGN_OR_RETURN(RunStdio made, stdio_.tty ? MakeTerminalPipes(stdio_) : MakeStreams(stdio_));
  parts_.stdio = std::move(made.parent);
  child_ = std::move(made.child);
  if (!stdio_.tty) return absl::OkStatus();
  ASSIGN_OR_RETURN(PseudoConsole console,
                   PseudoConsole::Make(stdio_.tty_columns, stdio_.tty_rows, child_.in.get(), child_.out.get()));
  parts_.console.emplace(std::move(console));
  child_ = ChildStdio();
  child_.console = parts_.console->get();
  return absl::OkStatus();
}

absl::Status LaunchRun::MakeProcess() {
  ProcessOrder order;
  order.token = token_.get();
  order.job = parts_.job.get();
  order.program = program_;
  order.cwd = symbols_.Fill(plan_.process.cwd);
  order.environment = FillAll(plan_.process.environment);
  order.desktop = parts_.desktop.name;
  order.mitigations = plan_.process.mitigations;
  order.handles = plan_.process.handles;
  order.stdio = &child_;
  ASSIGN_OR_RETURN(parts_.process, CreateSuspended(order, recorder_));
  child_ = ChildStdio();
  if (parts_.process.not_executable) {
    program_.outcome = {
        ExitKind::kNotExecutable, 0, 0,
        MakeReason("command_not_executable", absl::StrCat(program_.application, ": ", parts_.process.why))};
    return absl::OkStatus();
  }
  return options_.enforcement->CheckProcess(parts_.process.process.get(), parts_.job.get(), order_);
}

absl::StatusOr<std::unique_ptr<Sandbox>> LaunchRun::Run(EventSink& sink) {
  RETURN_IF_ERROR(NameWhatIsKnown());
  RETURN_IF_ERROR(TryToken());
  RETURN_IF_ERROR(MakeFolders());
  ASSIGN_OR_RETURN(program_, FindProgram(plan_.process.command, symbols_.Fill(plan_.process.cwd),
                                         FillAll(plan_.process.environment)));
  if (program_.outcome.kind != ExitKind::kExited) return EndedSandbox(program_.outcome, sink);
  const absl::Status leased = TakeLeases(sink);
  // A large tree takes long, and whoever waits for it may give up.
  if (absl::IsCancelled(leased)) return EndedSandbox({ExitKind::kSignalled, 0, kInterrupt, {}}, sink);
  RETURN_IF_ERROR(leased);
  RETURN_IF_ERROR(MakeToken());
  RETURN_IF_ERROR(MakeConfinement());
  RETURN_IF_ERROR(MakeStdio());
  RETURN_IF_ERROR(MakeProcess());
  if (program_.outcome.kind != ExitKind::kExited) return EndedSandbox(program_.outcome, sink);
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
    if (body->dedicated_user) {
      return ReasonError(absl::StatusCode::kUnavailable, "not_provisioned",
                         "this version has no runner that starts a command as the dedicated user");
    }
    LaunchRecorder& recorder = options_.recorder != nullptr ? *options_.recorder : nobody_;
    LaunchRun launch(options_, recorder, station_, *body, stdio);
    auto sandbox = launch.Run(sink);
    if (!sandbox.ok()) return FromPlan(sandbox.status());
    return sandbox;
  }

 private:
  WindowsTokenLauncherOptions options_;
  NoRecorder nobody_;
  std::mutex station_;  // of the process: MakeDesktop changes it for a moment
};

}  // namespace

std::unique_ptr<Launcher> MakeWindowsTokenLauncher(WindowsTokenLauncherOptions options) {
  return std::make_unique<WindowsTokenLauncher>(std::move(options));
}

}  // namespace paddock
