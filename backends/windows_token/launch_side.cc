#include "backends/windows_token/launch_side.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_order.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/windows_launch/program.h"

namespace paddock {
namespace {

class OwnTokenSide : public TokenSide {
 public:
  OwnTokenSide(Enforcement& enforcement, LaunchRecorder& recorder, std::mutex& station)
      : enforcement_(enforcement), recorder_(recorder), station_(station) {}

  absl::Status Check(const TokenSpec& token, size_t roots, Symbols* symbols) override;
  absl::StatusOr<MadeCommand> Make(const SideOrder& order, ChildStdio child) override;

 private:
  absl::Status MakeToken(const SideOrder& order, MadeCommand* made);
  absl::Status MakeRunDesktop(const SideOrder& order, MadeCommand* made);
  absl::Status MakeTerminal(const SideOrder& order, ChildStdio* child, MadeCommand* made);
  absl::Status MakeProcess(const SideOrder& order, const Program& program, const ChildStdio& child, MadeCommand* made);

  Enforcement& enforcement_;
  LaunchRecorder& recorder_;
  std::mutex& station_;
  BaseToken base_;
  TokenOrder token_order_;
  UniqueHandle token_;
};

absl::Status OwnTokenSide::Check(const TokenSpec& token, size_t roots, Symbols* symbols) {
  ASSIGN_OR_RETURN(base_, OpenBaseToken());
  symbols->Set("{user}", base_.user.ToString());
  symbols->Set("{logon}", base_.logon.ToString());
  Symbols random = *symbols;
  for (size_t i = 0; i < roots; ++i) {
    ASSIGN_OR_RETURN(const access::Sid sid, RandomRunSid());
    random.Set(CapabilitySymbol(i), sid.ToString());
  }
  ASSIGN_OR_RETURN(const TokenOrder order, MakeTokenOrder(token, random));
  NoRecorder nobody;
  return enforcement_.Token(base_, order, nobody).status();
}

absl::Status OwnTokenSide::MakeToken(const SideOrder& order, MadeCommand* made) {
  ASSIGN_OR_RETURN(token_order_, MakeTokenOrder(*order.token, *order.symbols));
  ASSIGN_OR_RETURN(token_, enforcement_.Token(base_, token_order_, recorder_));
  made->applied.push_back(absl::StrCat(order.token->write_restricted ? "write-restricted" : "restricted", " token"));
  return absl::OkStatus();
}

absl::Status OwnTokenSide::MakeRunDesktop(const SideOrder& order, MadeCommand* made) {
  const std::lock_guard<std::mutex> lock(station_);
  ASSIGN_OR_RETURN(made->desktop, MakeDesktop(*order.desktop, *order.symbols, recorder_));
  made->applied.push_back(order.desktop->own_station ? "own window station and desktop" : "own desktop");
  if (made->desktop.shared_in_session) {
    made->notices.push_back(
        "the window station, with its clipboard, is shared with other runs of this logon session, not with the user's "
        "desktop: only an administrator can make one for each run");
  }
  return absl::OkStatus();
}

absl::Status OwnTokenSide::MakeTerminal(const SideOrder& order, ChildStdio* child, MadeCommand* made) {
  if (!order.process->tty) return absl::OkStatus();
  ASSIGN_OR_RETURN(PseudoConsole console,
                   PseudoConsole::Make(order.columns, order.rows, child->in.get(), child->out.get()));
  *child = ChildStdio();
  child->console = console.get();
  made->terminal = std::make_unique<PseudoConsole>(std::move(console));
  return absl::OkStatus();
}

absl::Status OwnTokenSide::MakeProcess(const SideOrder& command, const Program& program, const ChildStdio& child,
                                       MadeCommand* made) {
  ProcessOrder order;
  order.token = token_.get();
  order.job = command.job;
  order.program = program;
  order.cwd = command.symbols->Fill(command.process->cwd);
  order.environment = FillAll(*command.symbols, command.process->environment);
  order.desktop = made->desktop.name;
  order.mitigations = command.process->mitigations;
  order.handles = command.process->handles;
  order.stdio = &child;
  ASSIGN_OR_RETURN(made->process, CreateSuspended(order, recorder_));
  if (!made->process.not_executable) {
    const absl::Status checked = enforcement_.CheckProcess(made->process.process.get(), command.job, token_order_);
    // It has not run, and what it is in ends it only once nobody holds that any more.
    if (!checked.ok()) TerminateProcess(made->process.process.get(), 1);
    return checked;
  }
  const std::string detail = absl::StrCat(program.application, ": ", made->process.why);
  *made = MadeCommand();
  made->outcome = {ExitKind::kNotExecutable, 0, 0, MakeReason("command_not_executable", detail)};
  return absl::OkStatus();
}

absl::StatusOr<MadeCommand> OwnTokenSide::Make(const SideOrder& order, ChildStdio child) {
  MadeCommand made;
  Program program;
  if (order.program != nullptr) {
    program = *order.program;
  } else {
    ASSIGN_OR_RETURN(program, FindProgram(order.process->command, order.symbols->Fill(order.process->cwd),
                                          FillAll(*order.symbols, order.process->environment)));
  }
  if (program.outcome.kind != ExitKind::kExited) {
    made.outcome = program.outcome;
    return made;
  }
  RETURN_IF_ERROR(MakeToken(order, &made));
  RETURN_IF_ERROR(MakeRunDesktop(order, &made));
  RETURN_IF_ERROR(MakeTerminal(order, &child, &made));
  RETURN_IF_ERROR(MakeProcess(order, program, child, &made));
  return made;
}

}  // namespace

std::unique_ptr<TokenSide> MakeOwnTokenSide(Enforcement& enforcement, LaunchRecorder& recorder, std::mutex& station) {
  return std::make_unique<OwnTokenSide>(enforcement, recorder, station);
}

std::vector<std::string> FillAll(const Symbols& symbols, const std::vector<std::string>& texts) {
  std::vector<std::string> filled;
  for (const std::string& text : texts) filled.push_back(symbols.Fill(text));
  return filled;
}

std::string CapabilitySymbol(size_t i) { return i == 0 ? "{capability}" : absl::StrCat("{capability:", i + 1, "}"); }

}  // namespace paddock
