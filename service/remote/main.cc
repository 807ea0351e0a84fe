#include <cstdlib>
#include <string>
#include <vector>

#include "cli/app.h"
#include "compose/registry.h"
#include "core/platform/caller.h"
#include "service/remote/client.h"

// paddock-remote: what `paddock --remote SOCKET` becomes, the same tool with a client of paddockd in it. A program of
// its own, so that the tool stays small and static.
int main(int argc, char** argv) {
  const std::vector<std::string> args = paddock::ProgramArguments(argc, argv);
  constexpr int kStdout = 1, kStderr = 2;
  paddock::cli::DescriptorOutput out(kStdout), err(kStderr);
  paddock::cli::Messages messages(err);
  const char* no_color = std::getenv("NO_COLOR");
  const bool color = (no_color == nullptr || *no_color == '\0') && out.is_terminal();
  paddock::EndProcess(
      paddock::cli::AppMain(args, {out, messages, color, nullptr, paddock::service::ConnectRemote, nullptr}));
}
