#include <iostream>

#include "compose/registry.h"
#include "core/platform/caller.h"
#include "service/posix/runner.h"
#include "service/posix/zygote.h"

// paddock-runner: started by paddockd, once, and never by hand. Its forks run what clients ask for.
int main(int argc, char** argv) {
  if (const auto status = paddock::RunAsInnerStage(paddock::ProgramArguments(argc, argv))) return *status;
  const absl::Status end = paddock::service::RunZygote(paddock::service::kZygoteSocket, [](int task) {
    return paddock::service::ServeTask(task, paddock::kThisProgram).ok() ? 0 : 1;
  });
  if (end.ok()) return 0;
  std::cerr << "paddock-runner: " << end.message() << "\n";
  return 1;
}
