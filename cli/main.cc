#include <cstdlib>
#include <string>
#include <vector>

#include "cli/app.h"
#include "compose/registry.h"
#include "core/platform/caller.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args = paddock::ProgramArguments(argc, argv);
  if (const auto status = paddock::RunAsInnerStage(args)) return *status;
  constexpr int kStdout = 1, kStderr = 2;
  paddock::cli::DescriptorOutput out(kStdout), err(kStderr);
  paddock::cli::Messages messages(err);
  const char* no_color = std::getenv("NO_COLOR");
  const bool color = (no_color == nullptr || *no_color == '\0') && out.is_terminal();
  paddock::EndProcess(paddock::cli::AppMain(args, {out, messages, color}));
}
