#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/launch_relay.h"
#include "backends/wsl2/preamble.h"
#include "cli/command.h"
#include "compose/registry.h"
#include "core/base/status_macros.h"
#include "core/platform/administrator_policy.h"
#include "core/platform/caller.h"
#include "core/platform/signal_relay.h"
#include "core/platform/terminal.h"
#include "core/policy/load.h"

namespace paddock::cli {
namespace {

constexpr int kStdin = 0, kStdout = 1;

struct RelayFlags {
  std::optional<std::string> nonce;
  bool facts = false, help = false;
};

HelpText RelayHelp() {
  HelpText help;
  help.usage = "paddock relay --nonce N [--facts]";
  help.about =
      "The far end of backend wsl2, inside a WSL distribution: runs one command in this system's sandbox for a paddock "
      "on Windows, which starts it and speaks to it in frames on stdin and stdout. Not to be typed; what it speaks is "
      "in docs/backends/wsl2.md.";
  help.statuses = {{"0", "the host has been told how the run ended"},
                   {"125", "the host went away, or did not keep to the protocol: what ran was ended"},
                   {"2", "options are wrong"}};
  return help;
}

std::vector<OptionRow> Rows(RelayFlags* flags) {
  return {{"Options", "--nonce", "N", "32 hexadecimal digits, which begin what it says", &flags->nonce},
          {"Options", "--facts", "", "say what this system is, and end", &flags->facts},
          HelpRow(&flags->help)};
}

absl::Status CheckUsage(const RelayFlags& flags) {
  if (!flags.nonce.has_value() || !wsl2::IsNonce(*flags.nonce)) {
    return absl::InvalidArgumentError("--nonce: 32 hexadecimal digits are needed");
  }
  if (IsTerminal(kStdin) || IsTerminal(kStdout)) {
    return absl::InvalidArgumentError("stdin and stdout are a program's: this is started by paddock on Windows");
  }
  return absl::OkStatus();
}

absl::Status Serve(const RelayFlags& flags) {
  ASSIGN_OR_RETURN(Caller caller, ReadCaller());
  ASSIGN_OR_RETURN(const SignalRelay signals, SignalRelay::Start());
  wsl2::RelayOptions options;
  options.in = kStdin;
  options.out = kStdout;
  options.nonce = *flags.nonce;
  options.facts_only = flags.facts;
  options.signals = signals.handle();
  ASSIGN_OR_RETURN(const std::string admin, AdministratorPolicy());
  ASSIGN_OR_RETURN(options.admin, LoadPolicyFileIfPresent(admin));
  options.caller = caller;
  return wsl2::ServeRelay(*MakeRuntime(std::move(caller), {kThisProgram}), options);
}

int RelayMain(const std::vector<std::string>& args, const Context& context) {
  RelayFlags flags;
  const std::vector<OptionRow> rows = Rows(&flags);
  absl::Status usage = ParseOptions(args, rows, {});
  if (flags.help) return PrintHelp(context, RelayHelp(), rows);
  if (usage.ok()) usage = CheckUsage(flags);
  if (!usage.ok()) return UsageError(context, "relay", usage);
  const absl::Status served = Serve(flags);
  if (served.ok()) return kExitOk;
  context.messages.Error(served.message());
  return kExitPaddock;
}

constexpr Command kInnerCommands[] = {
    {"relay", "run a command for a paddock on Windows, from inside a WSL distribution", RelayMain},
};

}  // namespace

absl::Span<const Command> InnerCommands() { return kInnerCommands; }

}  // namespace paddock::cli
