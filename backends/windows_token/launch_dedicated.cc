#include "backends/windows_token/launch_dedicated.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_channel.h"
#include "backends/windows_token/launch_listeners.h"
#include "backends/windows_token/launch_runner_desktop.h"
#include "backends/windows_token/launch_seal.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_command_line.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

// A logon loads a profile, the first one makes it.
constexpr DWORD kLongestStartMs = 120'000;
constexpr DWORD kLongestStepMs = 60'000;

absl::Status Unavailable(absl::string_view detail) {
  return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", detail);
}

// What comes from the runner is taken for what it is: its words, under a code of ours.
Reason ReasonFrom(const std::string& code, const std::string& detail) {
  return MakeReason(FindReasonCode(code) != nullptr ? code : "setup_failed", detail);
}

absl::Status StatusFrom(const RunnerRefused& refused) {
  return ReasonError(refused.unavailable ? absl::StatusCode::kUnavailable : absl::StatusCode::kFailedPrecondition,
                     ReasonFrom(refused.code, refused.detail));
}

HANDLE HandleOf(uint64_t value) { return reinterpret_cast<HANDLE>(static_cast<uintptr_t>(value)); }

// The runner: its process, and the pipe to it. Ends it when it goes.
class RunnerLink {
 public:
  RunnerLink() = default;
  RunnerLink(const RunnerLink&) = delete;
  RunnerLink& operator=(const RunnerLink&) = delete;
  ~RunnerLink() {
    if (!process_.process.valid()) return;
    TerminateProcess(process_.process.get(), 1);
    WaitForSingleObject(process_.process.get(), INFINITE);
  }

  absl::Status Start(DedicatedUser* user, const RunnerOptions& options);
  absl::StatusOr<RunnerAnswer> Ask(const RunnerOrder& order);
  absl::Status Tell(const RunnerOrder& order);

  // A handle of this process's in the runner, and one of the runner's in this process. 0: there is none.
  absl::StatusOr<uint64_t> Give(HANDLE handle, DWORD access, bool inherit) const;
  absl::StatusOr<HANDLE> Take(uint64_t value) const;

  // The runner ends by itself once its pipe is closed.
  void CloseAndAwait() {
    channel_.reset();
    WaitForSingleObject(process_.process.get(), INFINITE);
  }
  bool AwaitEnd() const { return WaitForSingleObject(process_.process.get(), kLongestStepMs) == WAIT_OBJECT_0; }

 private:
  RunnerChannel::Waits Until(DWORD longest_ms) const {
    RunnerChannel::Waits waits;
    waits.until.push_back(process_.process.get());
    if (interrupt_ != nullptr) waits.until.push_back(interrupt_);
    waits.longest_ms = longest_ms;
    return waits;
  }
  absl::Status Explain(const absl::Status& status) const;

  RunDesktop desktop_;
  RunnerProcess process_;
  std::unique_ptr<RunnerChannel> channel_;
  HANDLE interrupt_ = nullptr;
};

absl::Status RunnerLink::Explain(const absl::Status& status) const {
  DWORD code = 0;
  if (interrupt_ != nullptr && WaitForSingleObject(interrupt_, 0) == WAIT_OBJECT_0) {
    return absl::CancelledError("interrupted while the runner was waited for");
  }
  if (WaitForSingleObject(process_.process.get(), 0) == WAIT_OBJECT_0 &&
      GetExitCodeProcess(process_.process.get(), &code)) {
    return Unavailable(absl::StrCat("the dedicated user's runner ended with status ", code));
  }
  return Unavailable(absl::StrCat("the dedicated user's runner: ", status.message()));
}

absl::Status RunnerLink::Start(DedicatedUser* user, const RunnerOptions& options) {
  interrupt_ = options.interrupt;
  ASSIGN_OR_RETURN(const access::Token developer, ReadUserToken());
  {
    const std::lock_guard<std::mutex> lock(*options.station);
    NoRecorder nobody;
    ASSIGN_OR_RETURN(desktop_, MakeRunnerDesktop(developer.user, user->group, nobody));
  }
  ASSIGN_OR_RETURN(const std::string pipe, RandomRunnerPipe());
  ASSIGN_OR_RETURN(UniqueFileHandle server, MakeRunnerPipe(pipe, developer.user, user->sid));
  channel_ = std::make_unique<RunnerChannel>(std::move(server));
  ASSIGN_OR_RETURN(const std::string line, MakeWindowsCommandLine({user->runner, pipe}));
  absl::StatusOr<RunnerProcess> started = options.starter->Start(*user, line, desktop_.name);
  Wipe(&user->password);
  RETURN_IF_ERROR(started.status());
  process_ = *std::move(started);
  // From here on its user's other processes cannot open it; it does the same by itself, and comes first or second.
  RETURN_IF_ERROR(SealObject(process_.process.get()));
  RETURN_IF_ERROR(SealObject(process_.thread.get()));
  if (const absl::Status status = channel_->AwaitClient(Until(kLongestStartMs)); !status.ok()) return Explain(status);
  if (channel_->ClientProcess() == process_.id) return absl::OkStatus();
  return Unavailable("another process than the runner has opened its pipe");
}

absl::Status RunnerLink::Tell(const RunnerOrder& order) {
  ASSIGN_OR_RETURN(const std::string text, FormatRunnerOrder(order));
  const absl::Status status = channel_->Send(text, Until(kLongestStepMs));
  return status.ok() ? status : Explain(status);
}

absl::StatusOr<RunnerAnswer> RunnerLink::Ask(const RunnerOrder& order) {
  RETURN_IF_ERROR(Tell(order));
  const absl::StatusOr<std::string> text = channel_->Receive(Until(kLongestStepMs));
  if (!text.ok()) return Explain(text.status());
  absl::StatusOr<RunnerAnswer> answer = ParseRunnerAnswer(*text);
  if (!answer.ok()) return Unavailable(answer.status().message());
  if (const auto* const refused = std::get_if<RunnerRefused>(&*answer)) return StatusFrom(*refused);
  return answer;
}

absl::StatusOr<uint64_t> RunnerLink::Give(HANDLE handle, DWORD access, bool inherit) const {
  if (handle == nullptr || handle == INVALID_HANDLE_VALUE) return uint64_t{0};
  HANDLE given = nullptr;
  if (!DuplicateHandle(GetCurrentProcess(), handle, process_.process.get(), &given, access, inherit ? TRUE : FALSE,
                       access == 0 ? DUPLICATE_SAME_ACCESS : 0u)) {
    return StepFailed("giving a handle to the runner");
  }
  return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(given));
}

absl::StatusOr<HANDLE> RunnerLink::Take(uint64_t value) const {
  HANDLE taken = nullptr;
  if (value == 0) return taken;
  if (DuplicateHandle(process_.process.get(), HandleOf(value), GetCurrentProcess(), &taken, 0, FALSE,
                      DUPLICATE_SAME_ACCESS)) {
    return taken;
  }
  return StepFailed("taking a handle from the runner");
}

// A terminal that the runner holds, which lives as long as it.
class RunnerTerminal : public Terminal {
 public:
  explicit RunnerTerminal(std::unique_ptr<RunnerLink> link) : link_(std::move(link)) {}
  ~RunnerTerminal() override { Close(); }

  absl::Status Resize(uint16_t columns, uint16_t rows) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (link_ == nullptr) return absl::FailedPreconditionError("the terminal is closed");
    return link_->Tell(RunnerResize{columns, rows});
  }

  void Close() final {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (link_ == nullptr) return;
    link_->CloseAndAwait();
    link_.reset();
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<RunnerLink> link_;
};

class RunnerTokenSide : public TokenSide {
 public:
  RunnerTokenSide(DedicatedUser user, RunnerOptions options) : user_(std::move(user)), options_(std::move(options)) {}
  RunnerTokenSide(const RunnerTokenSide&) = delete;
  RunnerTokenSide& operator=(const RunnerTokenSide&) = delete;
  ~RunnerTokenSide() override { Wipe(&user_.password); }

  absl::Status Check(const TokenSpec& token, size_t roots, Symbols* symbols) override;
  absl::StatusOr<MadeCommand> Make(const SideOrder& order, ChildStdio child) override;

 private:
  absl::StatusOr<MadeCommand> TakeMade(const RunnerMade& made, HANDLE job);

  DedicatedUser user_;
  const RunnerOptions options_;
  std::unique_ptr<RunnerLink> link_;
};

absl::Status RunnerTokenSide::Check(const TokenSpec& token, size_t, Symbols* symbols) {
  const std::string expected = user_.sid.ToString();
  link_ = std::make_unique<RunnerLink>();
  RETURN_IF_ERROR(link_->Start(&user_, options_));
  RunnerCheck check;
  check.symbols = symbols->values();
  check.token = token;
  std::unique_ptr<LoopbackListeners> listeners;
  if (options_.on_network != nullptr) {
    ASSIGN_OR_RETURN(listeners, ListenOnLoopback());
    check.connect = listeners->tries();
  }
  ASSIGN_OR_RETURN(const RunnerAnswer answer, link_->Ask(check));
  const auto* const checked = std::get_if<RunnerChecked>(&answer);
  if (checked == nullptr) return Unavailable("the runner answers something else than it was asked");
  if (checked->user != expected) {
    return ReadBackFailed(absl::StrCat("the runner is a process of ", checked->user, ", not of ", expected));
  }
  symbols->Set("{user}", checked->user);
  symbols->Set("{logon}", checked->logon);
  if (listeners == nullptr) return absl::OkStatus();
  return options_.on_network(JudgeNetworkTest(check.connect, checked->connect, listeners->Arrived()));
}

absl::StatusOr<MadeCommand> RunnerTokenSide::TakeMade(const RunnerMade& made, HANDLE job) {
  MadeCommand command;
  ASSIGN_OR_RETURN(const HANDLE process, link_->Take(made.process));
  command.process.process.reset(process);
  ASSIGN_OR_RETURN(const HANDLE thread, link_->Take(made.thread));
  command.process.thread.reset(thread);
  ASSIGN_OR_RETURN(const HANDLE station, link_->Take(made.station));
  command.desktop.station.reset(static_cast<HWINSTA>(station));
  ASSIGN_OR_RETURN(const HANDLE desktop, link_->Take(made.desktop));
  command.desktop.desktop.reset(static_cast<HDESK>(desktop));
  BOOL inside = FALSE;
  if (GetProcessId(process) != made.process_id || GetProcessIdOfThread(thread) != made.process_id ||
      !IsProcessInJob(process, job, &inside) || !inside) {
    return ReadBackFailed("what the runner made is not a process of the run's job");
  }
  command.process.id = made.process_id;
  command.applied = made.applied;
  command.notices = made.notices;
  return command;
}

absl::StatusOr<MadeCommand> RunnerTokenSide::Make(const SideOrder& order, ChildStdio child) {
  RunnerRun run;
  run.symbols = order.symbols->values();
  for (const char* const own : {"{user}", "{logon}"}) run.symbols.erase(own);
  run.token = *order.token;
  run.desktop = *order.desktop;
  run.process = *order.process;
  run.columns = order.columns;
  run.rows = order.rows;
  // Enough to make a process in it, and to ask it about that; neither to change it nor to end it.
  ASSIGN_OR_RETURN(run.job, link_->Give(order.job, JOB_OBJECT_ASSIGN_PROCESS | JOB_OBJECT_QUERY, false));
  ASSIGN_OR_RETURN(run.in, link_->Give(child.in.get(), 0, true));
  ASSIGN_OR_RETURN(run.out, link_->Give(child.out.get(), 0, true));
  ASSIGN_OR_RETURN(run.err, link_->Give(child.err.get(), 0, true));
  child = ChildStdio();
  options_.recorder->OnCall("RunnerRun", {{"command", run.process.command}, {"symbols", run.symbols}});
  ASSIGN_OR_RETURN(const RunnerAnswer answer, link_->Ask(run));
  if (const auto* const ended = std::get_if<RunnerEnded>(&answer)) {
    MadeCommand nothing;
    nothing.outcome = {ended->kind, 0, 0, ReasonFrom(ended->code, ended->detail)};
    link_->CloseAndAwait();
    return nothing;
  }
  const auto* const made = std::get_if<RunnerMade>(&answer);
  if (made == nullptr) return Unavailable("the runner answers something else than it was asked");
  ASSIGN_OR_RETURN(MadeCommand command, TakeMade(*made, order.job));
  RETURN_IF_ERROR(link_->Tell(RunnerTaken()));
  if (made->terminal) {
    command.terminal = std::make_unique<RunnerTerminal>(std::move(link_));
    return command;
  }
  // The command runs once there is nobody of its user's any more who holds more than it does.
  if (!link_->AwaitEnd()) return Unavailable("the runner does not end");
  return command;
}

}  // namespace

std::unique_ptr<TokenSide> MakeRunnerTokenSide(DedicatedUser user, RunnerOptions options) {
  return std::make_unique<RunnerTokenSide>(std::move(user), std::move(options));
}

absl::StatusOr<NetworkTestResult> VerifyNetworkFilter(DedicatedUser user, RunnerStarter& starter, std::mutex& station) {
  NetworkTestResult found;
  NoRecorder nobody;
  RunnerOptions options;
  options.starter = &starter;
  options.recorder = &nobody;
  options.station = &station;
  options.on_network = [&](const NetworkTestResult& result) {
    found = result;
    return absl::OkStatus();
  };
  const std::unique_ptr<TokenSide> side = MakeRunnerTokenSide(std::move(user), std::move(options));
  TokenSpec token;
  token.restricting = {"{run}", "{user}"};
  token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)";
  Symbols symbols;
  ASSIGN_OR_RETURN(const access::Sid run, RandomRunSid());
  symbols.Set("{run}", run.ToString());
  RETURN_IF_ERROR(side->Check(token, 0, &symbols));
  return found;
}

}  // namespace paddock
