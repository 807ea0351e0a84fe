#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/command.h"
#include "cli/remote.h"
#include "core/platform/caller.h"

namespace paddock::cli {
namespace {

constexpr absl::string_view kOption = "--remote";
// What a daemon does; the others are about this process's own files.
constexpr absl::string_view kCommands[] = {"run", "explain", "plan", "probe", "audit"};

// The program, and then the whole command line once more.
int Become(const std::vector<std::string>& args, const Context& context) {
  const absl::Status failed = ReplaceByProgram("paddock-remote", "../libexec/paddock", args);
  context.messages.Error(failed.message());
  return kExitPaddock;
}

}  // namespace

bool AsksRemote(const std::vector<std::string>& args) {
  return !args.empty() && (args[0] == kOption || absl::StartsWith(args[0], absl::StrCat(kOption, "=")));
}

int RemoteMain(const std::vector<std::string>& args, const Context& context) {
  absl::string_view socket = args[0];
  const bool joined = absl::ConsumePrefix(&socket, absl::StrCat(kOption, "="));
  const size_t at = joined ? 1 : 2;
  if (!joined) socket = args.size() > 1 ? absl::string_view(args[1]) : absl::string_view();
  const auto is_named = [&](const Command& command) { return args.size() > at && command.name == args[at]; };
  const auto command = std::find_if(Commands().begin(), Commands().end(), is_named);
  const bool known = command != Commands().end() &&
                     std::find(std::begin(kCommands), std::end(kCommands), command->name) != std::end(kCommands);
  if (socket.empty() || !known) {
    context.messages.Error(
        "--remote SOCKET stands before run, explain, plan, probe or audit: paddock --remote SOCKET run -- CMD");
    return kExitUsage;
  }
  const std::vector<std::string> rest(args.begin() + static_cast<std::ptrdiff_t>(at) + 1, args.end());
  const auto end_of_options = std::find(rest.begin(), rest.end(), "--");
  if (std::find(rest.begin(), end_of_options, "--help") != end_of_options) return command->run(rest, context);
  if (context.connect == nullptr) return Become(args, context);
  const auto remote = context.connect(std::string(socket));
  if (!remote.ok()) {
    context.messages.Failure(remote.status());
    return kExitPaddock;
  }
  Context with_remote = context;
  with_remote.remote = remote->get();
  return command->run(rest, with_remote);
}

}  // namespace paddock::cli
