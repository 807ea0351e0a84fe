#include "backends/windows_token/launch_runner.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_channel.h"
#include "backends/windows_token/launch_listeners.h"
#include "backends/windows_token/launch_seal.h"
#include "backends/windows_token/launch_side.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/launch_error.h"
// After it, since it uses its types.
#include <winternl.h>

namespace paddock {
namespace {

// Where a program of this user's keeps what is its own: of the developer's, the plan holds none.
constexpr const char* kOwnVariables[] = {"APPDATA",    "HOMEDRIVE", "HOMEPATH",   "LOCALAPPDATA",
                                         "USERDOMAIN", "USERNAME",  "USERPROFILE"};

// The process that started this one, dead or alive; 0 if the system does not tell.
DWORD ParentProcess() {
  // PROCESS_BASIC_INFORMATION, whose last member headers leave without a name.
  struct BasicInformation {
    void* status;
    void* peb;
    void* affinity;
    void* priority;
    ULONG_PTR process;
    ULONG_PTR parent;
  } found = {};
  ULONG size = 0;
  const NTSTATUS status =
      NtQueryInformationProcess(GetCurrentProcess(), ProcessBasicInformation, &found, sizeof(found), &size);
  return status == 0 ? static_cast<DWORD>(found.parent) : 0;
}

HANDLE HandleOf(uint64_t value) { return reinterpret_cast<HANDLE>(static_cast<uintptr_t>(value)); }
uint64_t ValueOf(const void* handle) { return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(handle)); }

RunnerAnswer AnswerOf(const absl::Status& status) {
  const std::optional<Reason> reason = ReasonOf(status);
  return RunnerRefused{!absl::IsFailedPrecondition(status), reason ? reason->code : "setup_failed",
                       reason ? reason->detail : std::string(status.message())};
}

UniqueFileHandle Stream(uint64_t value) {
  return UniqueFileHandle(value == 0 ? INVALID_HANDLE_VALUE : HandleOf(value));
}

bool SetsVariable(const std::vector<std::string>& environment, absl::string_view name) {
  return std::any_of(environment.begin(), environment.end(), [&](absl::string_view entry) {
    return absl::StartsWithIgnoreCase(entry, name) && entry.substr(name.size(), 1) == "=";
  });
}

void AddOwnVariables(std::vector<std::string>* environment) {
  for (const char* const name : kOwnVariables) {
    std::wstring value(32768, L'\0');
    value.resize(GetEnvironmentVariableW(ToWide(name).c_str(), value.data(), static_cast<DWORD>(value.size())));
    if (value.empty() || SetsVariable(*environment, name)) continue;
    environment->push_back(absl::StrCat(name, "=", ToUtf8(value)));
  }
}

class Runner {
 public:
  Runner(UniqueFileHandle pipe, Enforcement& enforcement)
      : channel_(std::move(pipe)), side_(MakeOwnTokenSide(enforcement, nobody_, station_)) {}

  absl::Status Serve();

 private:
  absl::StatusOr<RunnerOrder> Next() {
    ASSIGN_OR_RETURN(const std::string text, channel_.Receive({}));
    return ParseRunnerOrder(text);
  }
  absl::Status Say(const RunnerAnswer& answer) { return channel_.Send(FormatRunnerAnswer(answer), {}); }

  absl::StatusOr<RunnerAnswer> Check(const RunnerCheck& check);
  absl::StatusOr<RunnerAnswer> Make(RunnerRun run);
  absl::Status KeepTerminal();

  NoRecorder nobody_;
  std::mutex station_;
  RunnerChannel channel_;
  Symbols known_;  // {user} and {logon}
  std::unique_ptr<TokenSide> side_;
  MadeCommand made_;
};

absl::StatusOr<RunnerAnswer> Runner::Check(const RunnerCheck& check) {
  RunnerChecked checked;
  checked.connect = TryConnections(check.connect);
  Symbols symbols;
  for (const auto& [symbol, value] : check.symbols) symbols.Set(symbol, value);
  const auto roots = std::count_if(check.token.restricting.begin(), check.token.restricting.end(),
                                   [](const std::string& sid) { return absl::StartsWith(sid, "{capability"); });
  RETURN_IF_ERROR(side_->Check(check.token, static_cast<size_t>(roots), &symbols));
  checked.user = symbols.Fill("{user}");
  checked.logon = symbols.Fill("{logon}");
  known_.Set("{user}", checked.user);
  known_.Set("{logon}", checked.logon);
  return checked;
}

absl::StatusOr<RunnerAnswer> Runner::Make(RunnerRun run) {
  // Threads that libraries have made since hold the lists of any thread of this user's.
  RETURN_IF_ERROR(SealOwnProcess());
  const UniqueHandle job(HandleOf(run.job));
  ChildStdio child;
  child.in = Stream(run.in);
  child.out = Stream(run.out);
  child.err = Stream(run.err);
  Symbols symbols = known_;
  for (const auto& [symbol, value] : run.symbols) symbols.Set(symbol, value);
  AddOwnVariables(&run.process.environment);
  SideOrder order;
  order.token = &run.token;
  order.desktop = &run.desktop;
  order.process = &run.process;
  order.symbols = &symbols;
  order.job = job.get();
  order.columns = run.columns;
  order.rows = run.rows;
  ASSIGN_OR_RETURN(made_, side_->Make(order, std::move(child)));
  if (made_.outcome.kind != ExitKind::kExited) {
    return RunnerEnded{made_.outcome.kind, made_.outcome.reason.code, made_.outcome.reason.detail};
  }
  RunnerMade answer;
  answer.process = ValueOf(made_.process.process.get());
  answer.thread = ValueOf(made_.process.thread.get());
  answer.station = ValueOf(made_.desktop.station.get());
  answer.desktop = ValueOf(made_.desktop.desktop.get());
  answer.process_id = made_.process.id;
  answer.terminal = made_.terminal != nullptr;
  answer.applied = made_.applied;
  answer.notices = made_.notices;
  return answer;
}

// Until the launcher closes the pipe, or is closed with it.
absl::Status Runner::KeepTerminal() {
  for (;;) {
    const absl::StatusOr<RunnerOrder> order = Next();
    const auto* const resize = order.ok() ? std::get_if<RunnerResize>(&*order) : nullptr;
    if (resize == nullptr) break;
    (void)made_.terminal->Resize(resize->columns, resize->rows);
  }
  made_.terminal->Close();
  return absl::OkStatus();
}

// In this order, each once. An error of any kind ends this process, and with it what it holds.
absl::Status Runner::Serve() {
  const DWORD parent = ParentProcess();
  if (parent == 0 || channel_.ServerProcess() != parent) {
    return absl::PermissionDeniedError("the pipe is not one of the process that started the runner");
  }
  ASSIGN_OR_RETURN(RunnerOrder order, Next());
  const auto* const check = std::get_if<RunnerCheck>(&order);
  if (check == nullptr) return absl::InvalidArgumentError("the first order is no check");
  absl::StatusOr<RunnerAnswer> answer = Check(*check);
  RETURN_IF_ERROR(Say(answer.ok() ? *answer : AnswerOf(answer.status())));
  RETURN_IF_ERROR(answer.status());

  ASSIGN_OR_RETURN(order, Next());
  auto* const run = std::get_if<RunnerRun>(&order);
  if (run == nullptr) return absl::InvalidArgumentError("the second order is no run");
  answer = Make(std::move(*run));
  RETURN_IF_ERROR(Say(answer.ok() ? *answer : AnswerOf(answer.status())));
  RETURN_IF_ERROR(answer.status());
  if (!made_.process.process.valid()) return absl::OkStatus();

  ASSIGN_OR_RETURN(order, Next());
  if (std::get_if<RunnerTaken>(&order) == nullptr) return absl::InvalidArgumentError("the third order is another one");
  made_.process = NewProcess();
  made_.desktop = RunDesktop();
  return made_.terminal != nullptr ? KeepTerminal() : absl::OkStatus();
}

}  // namespace

absl::Status RunRunner(const std::vector<std::string>& arguments, Enforcement& enforcement) {
  RETURN_IF_ERROR(SealOwnProcess());
  if (arguments.size() != 1 || !IsRunnerPipe(arguments.front())) {
    return absl::InvalidArgumentError("paddock-runner is started by Paddock alone, with the name of a pipe");
  }
  ASSIGN_OR_RETURN(UniqueFileHandle pipe, OpenRunnerPipe(arguments.front()));
  return Runner(std::move(pipe), enforcement).Serve();
}

}  // namespace paddock
