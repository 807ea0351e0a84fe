#include "core/windows_launch/command_start.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/windows_launch/job.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {

bool CommandStart::Interrupted() const {
  return stdio_.signals != -1 && WaitForSingleObject(reinterpret_cast<HANDLE>(stdio_.signals), 0) == WAIT_OBJECT_0;
}

std::vector<std::string> CommandStart::Environment() const {
  std::vector<std::string> filled;
  for (const std::string& text : order_.process.environment) filled.push_back(symbols_.Fill(text));
  return filled;
}

absl::Status CommandStart::Find() {
  ASSIGN_OR_RETURN(program_, FindProgram(order_.process.command, symbols_.Fill(order_.process.cwd), Environment()));
  return absl::OkStatus();
}

absl::StatusOr<ChildStdio> CommandStart::MakeStdio() {
  if (order_.process.tty != stdio_.tty) {
    return absl::InvalidArgumentError("the plan and the caller do not agree on whether there is a terminal");
  }
  ASSIGN_OR_RETURN(RunStdio made, stdio_.tty ? MakeTerminalPipes(stdio_) : MakeStreams(stdio_));
  parts_->stdio = std::move(made.parent);
  if (!stdio_.tty) return std::move(made.child);
  ASSIGN_OR_RETURN(PseudoConsole console,
                   PseudoConsole::Make(stdio_.tty_columns, stdio_.tty_rows, made.child.in.get(), made.child.out.get()));
  ChildStdio child;
  child.console = console.get();
  parts_->console = std::make_unique<PseudoConsole>(std::move(console));
  return child;
}

absl::Status CommandStart::Make(HANDLE token, const ContainerOrder* container, const CommandChecks& checks) {
  parts_->port.reset(CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1));
  if (!parts_->port.valid()) return StepFailed("CreateIoCompletionPort");
  ASSIGN_OR_RETURN(parts_->job, MakeJob(order_.job, parts_->port.get(), kJobKey, recorder_));
  RETURN_IF_ERROR(checks.job(parts_->job.get()));
  parts_->applied.push_back("job object");
  ASSIGN_OR_RETURN(const ChildStdio child, MakeStdio());
  ProcessOrder order;
  order.token = token;
  order.container = container;
  order.job = parts_->job.get();
  order.program = program_;
  order.cwd = symbols_.Fill(order_.process.cwd);
  order.environment = Environment();
  order.mitigations = order_.process.mitigations;
  order.handles = order_.process.handles;
  order.stdio = &child;
  ASSIGN_OR_RETURN(parts_->process, CreateSuspended(order, recorder_));
  if (parts_->process.not_executable) {
    program_.outcome = {
        ExitKind::kNotExecutable, 0, 0,
        MakeReason("command_not_executable", absl::StrCat(program_.application, ": ", parts_->process.why))};
    return absl::OkStatus();
  }
  return checks.process(parts_->process.process.get(), parts_->job.get());
}

absl::StatusOr<std::unique_ptr<Sandbox>> CommandStart::Start(EventSink& sink) {
  parts_->limits = order_.limits;
  parts_->interrupt = stdio_.signals;
  return StartSandbox(std::move(*parts_), sink);
}

}  // namespace paddock
