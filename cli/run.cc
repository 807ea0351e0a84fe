#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/render_report.h"
#include "cli/shared_options.h"
#include "compose/prepare.h"
#include "compose/registry.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/platform/files.h"
#include "core/platform/signal_relay.h"
#include "core/platform/terminal.h"
#include "core/report/report.h"
#include "core/runtime/runtime.h"

namespace paddock::cli {
namespace {

constexpr int kStdin = 0, kStdout = 1, kStderr = 2;

struct RunOptions {
  SharedOptions shared;
  bool quiet = false;
  bool help = false;
};

HelpText RunHelp() {
  HelpText help;
  help.usage = "paddock run [options] -- CMD [ARG...]";
  help.about =
      "Runs CMD in the strongest sandbox this host can give. Everything after `--` is the command's. Its stdout "
      "and stderr are its own; Paddock's messages go to stderr and begin with \"paddock: \".";
  help.takes_command = true;
  help.examples = {
      {"paddock run -- make -j8", "write here alone, no network, secrets hidden"},
      {"paddock run --net open --wall 10m -- npm ci", "with the network, for ten minutes at most"},
      {"paddock run --strict --report r.json -- ./x", "refuse if anything asked for is out of reach; keep the report"}};
  help.statuses = {{"N", "the command's own"},
                   {"128+N", "signal N ended the command"},
                   {"124", "the wall-clock limit ended it"},
                   {"125", "Paddock refused or failed, or another limit ended it: stderr says which"},
                   {"126", "CMD cannot be executed"},
                   {"127", "CMD was not found"}};
  return help;
}

std::vector<OptionRow> Rows(RunOptions* options) {
  std::vector<OptionRow> rows = SharedRows(&options->shared);
  rows.push_back({"Messages", "-q,--quiet", "", "no notices (fallbacks, violations, what was left behind); errors stay",
                  &options->quiet});
  rows.push_back(HelpRow(&options->help));
  return rows;
}

// While a sandbox has a terminal of its own, the user's is raw: from the moment something runs, and not before, so that
// a refusal leaves it alone and a guard of the launcher's has seen it as it was.
class TerminalSink : public EventSink {
 public:
  TerminalSink(bool tty, Messages& messages) : tty_(tty && IsTerminal(kStdin)), messages_(messages) {}

  void OnEvent(const Event& event) override {
    if (const auto* const progress = std::get_if<ProgressEvent>(&event)) messages_.Notice(progress->text);
    if (std::holds_alternative<ExitedEvent>(event)) raw_.reset();
    if (!tty_ || !std::holds_alternative<StartedEvent>(event)) return;
    auto raw = RawTerminal::Enter(kStdin);
    if (raw.ok()) raw_.emplace(*std::move(raw));
  }

 private:
  const bool tty_;
  Messages& messages_;
  std::optional<RawTerminal> raw_;
};

bool WantsTty(TtyMode mode) {
  switch (mode) {
    case TtyMode::kAlways:
      return true;
    case TtyMode::kNever:
      return false;
    // With stderr elsewhere (2>errors) a terminal, which has one stream for both, would empty that file.
    case TtyMode::kAuto:
      return IsTerminal(kStdin) && IsTerminal(kStdout) && IsTerminal(kStderr);
  }
  return false;
}

// What is asked for of a terminal: whether there is one, and its size.
Stdio StreamsFor(TtyMode mode) {
  Stdio stdio;
  stdio.tty = WantsTty(mode);
  if (!stdio.tty) return stdio;
  const WindowSize size = TerminalSize(IsTerminal(kStdout) ? kStdout : kStdin);
  stdio.tty_columns = size.columns;
  stdio.tty_rows = size.rows;
  return stdio;
}

Report Failed(const std::vector<std::string>& command, const absl::Status& status) {
  Report report;
  report.command = command;
  report.result.outcome = {ExitKind::kFailed, 0, 0, MakeReason("launch_failed", status.message())};
  return report;
}

Report Execute(Caller caller, Request request, Messages& messages) {
  Stdio stdio = StreamsFor(request.tty);
  request.tty = stdio.tty ? TtyMode::kAlways : TtyMode::kNever;
  const auto runtime = MakeRuntime(std::move(caller), {kThisProgram});
  const auto signals = SignalRelay::Start();
  if (!signals.ok()) return Failed(request.command, signals.status());
  stdio.signals = signals->handle();
  TerminalSink sink(stdio.tty, messages);
  return runtime->Run(request, stdio, sink);
}

// A request that cannot be made is a refusal like any other: the report says so.
Report Refused(const std::vector<std::string>& command, const absl::Status& status) {
  Report report;
  report.command = command;
  report.result.outcome.kind = ExitKind::kRefused;
  report.result.outcome.reason = ReasonOf(status).value_or(MakeReason("request_invalid", status.message()));
  return report;
}

Report RunRemotely(const RunOptions& options, const std::vector<std::string>& command, const Context& context) {
  const auto mode = ParseTtyMode(options.shared.tty.value_or("auto"));
  if (!mode.ok()) return Refused(command, mode.status());
  Stdio stdio = StreamsFor(*mode);
  const auto signals = SignalRelay::Start();
  if (!signals.ok()) return Failed(command, signals.status());
  stdio.signals = signals->handle();
  TerminalSink sink(stdio.tty, context.messages);
  return context.remote->Run(options.shared, command, stdio, sink);
}

Report Run(const RunOptions& options, const std::vector<std::string>& command, const Context& context) {
  if (context.remote != nullptr) return RunRemotely(options, command, context);
  auto caller = ReadCaller();
  if (!caller.ok()) return Refused(command, caller.status());
  auto request = PrepareRequest(options.shared, command, *caller);
  if (!request.ok()) return Refused(command, request.status());
  return Execute(*std::move(caller), *std::move(request), context.messages);
}

int Tell(const Report& report, std::optional<OutputFile> file, const Context& context) {
  const RunMessages messages = MessagesFor(report, file.has_value());
  for (const std::string& notice : messages.notices) context.messages.Notice(notice);
  for (const std::string& error : messages.errors) context.messages.Error(error);
  const int status = ExitStatus(report.result.outcome);
  if (!file.has_value()) return status;
  const absl::Status written = file->Commit(DumpJson(ToJson(report)));
  if (written.ok()) return status;
  context.messages.Error(absl::StrCat("the run is over, its status was ", status,
                                      ", but the report was not written: ", written.message()));
  return kExitPaddock;
}

absl::Status CheckCommand(const CutArguments& cut) {
  if (!cut.has_command) return absl::InvalidArgumentError("put `--` before the command: paddock run [options] -- CMD");
  if (cut.command.empty()) return absl::InvalidArgumentError("there is no command after `--`");
  if (cut.command.front().empty()) return absl::InvalidArgumentError("the command's name is empty");
  return absl::OkStatus();
}

}  // namespace

int RunMain(const std::vector<std::string>& args, const Context& context) {
  const CutArguments cut = CutAtCommand(args);
  RunOptions options;
  const std::vector<OptionRow> rows = Rows(&options);
  absl::Status usage = ParseOptions(cut.options, rows, {});
  if (options.help) return PrintHelp(context, RunHelp(), rows);
  if (usage.ok()) usage = CheckCommand(cut);
  std::optional<OutputFile> file;
  if (usage.ok() && options.shared.report.has_value()) {
    auto opened = OutputFile::Open(*options.shared.report);
    if (opened.ok()) {
      file.emplace(*std::move(opened));
    } else {
      usage = absl::InvalidArgumentError(absl::StrCat("--report: ", opened.status().message()));
    }
  }
  if (!usage.ok()) {
    UsageError(context, "run", usage);
    return kExitPaddock;  // 2 may be the command's own
  }
  if (options.quiet) context.messages.SilenceNotices();
  return Tell(Run(options, cut.command, context), std::move(file), context);
}

}  // namespace paddock::cli
