#ifndef PADDOCK_CLI_COMMAND_H_
#define PADDOCK_CLI_COMMAND_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/parser.h"
#include "cli/remote.h"

namespace paddock::cli {

// Exit statuses of the tool's own; `run` gives the command's otherwise (core/report/outcome.h).
inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 2;      // the command line, or a policy or facts file, is wrong; never of `run`
inline constexpr int kExitPaddock = 125;  // refused, or failed

// Takes what a subcommand's --help is made of, for who makes something else of it (cli/manual.h).
using HelpReader = absl::FunctionRef<void(const HelpText& help, const std::vector<OptionRow>& rows)>;

// What a subcommand has to work with.
struct Context {
  Output& out;                         // stdout
  Messages& messages;                  // stderr
  bool color = false;                  // stdout is a terminal, and NO_COLOR is not set
  const HelpReader* reader = nullptr;  // gets the help instead of stdout
  ConnectFunction connect = nullptr;   // of a program that can speak to a daemon
  Remote* remote = nullptr;            // does the work, after --remote
};

// One subcommand: takes what follows its name, gives the exit status.
struct Command {
  absl::string_view name;
  absl::string_view summary;  // one line, for the tool's help
  int (*run)(const std::vector<std::string>& args, const Context& context);
};

int RunMain(const std::vector<std::string>& args, const Context& context);
int ExplainMain(const std::vector<std::string>& args, const Context& context);
int PlanMain(const std::vector<std::string>& args, const Context& context);
int AuditMain(const std::vector<std::string>& args, const Context& context);
int ProbeMain(const std::vector<std::string>& args, const Context& context);
int DoctorMain(const std::vector<std::string>& args, const Context& context);
int PolicyMain(const std::vector<std::string>& args, const Context& context);
int WsbMain(const std::vector<std::string>& args, const Context& context);
int GcMain(const std::vector<std::string>& args, const Context& context);
int SetupMain(const std::vector<std::string>& args, const Context& context);
int TeardownMain(const std::vector<std::string>& args, const Context& context);
int CompletionMain(const std::vector<std::string>& args, const Context& context);

// paddock --remote SOCKET COMMAND ...: whether `args` begin so, and what to do about it.
bool AsksRemote(const std::vector<std::string>& args);
int RemoteMain(const std::vector<std::string>& args, const Context& context);

// Every subcommand, in the order of the tool's help.
absl::Span<const Command> Commands();
// Those that programs start and nobody types, of this operating system: not in the tool's help, completion and manual.
absl::Span<const Command> InnerCommands();

// Says what is wrong with the command line and where to read more; gives kExitUsage.
int UsageError(const Context& context, absl::string_view command, const absl::Status& status);

// Says `status`; kExitUsage for InvalidArgument, which is the caller's to mend, else kExitPaddock.
int Failed(const Context& context, const absl::Status& status);

// What --help does, of every subcommand.
int PrintHelp(const Context& context, const HelpText& help, const std::vector<OptionRow>& rows);

// Writes `text` to stdout. A reader that went away is no failure; a full disk is.
int Print(const Context& context, absl::string_view text);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_COMMAND_H_
