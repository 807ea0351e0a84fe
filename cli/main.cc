#include <cstdlib>
#include <string>
#include <vector>

#include "cli/app.h"

int main(int argc, char** argv) {
  constexpr int kStdout = 1, kStderr = 2;
  paddock::cli::DescriptorOutput out(kStdout), err(kStderr);
  paddock::cli::Messages messages(err);
  const char* no_color = std::getenv("NO_COLOR");
  const bool color = (no_color == nullptr || *no_color == '\0') && out.is_terminal();
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  return paddock::cli::AppMain(args, {out, messages, color});
}
