#include <malloc.h>

#include <cstdlib>
#include <iostream>

#include "compose/registry.h"
#include "core/platform/caller.h"
#include "service/posix/runner.h"
#include "service/posix/zygote.h"

namespace {

// A runner lives for milliseconds: its threads share one arena, and the heap has room from the start, which costs
// nothing as long as it is not touched, and is never given back.
void PrepareHeap() {
  constexpr int kRoom = 1 << 20;
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TOP_PAD, kRoom);
  mallopt(M_TRIM_THRESHOLD, 64 * kRoom);
  std::free(std::malloc(1));
}

}  // namespace

// paddock-zygote: started by paddockd, once, and never by hand. Its forks run what clients ask for.
int main(int argc, char** argv) {
  if (const auto status = paddock::RunAsInnerStage(paddock::ProgramArguments(argc, argv))) return *status;
  PrepareHeap();
  const absl::Status end = paddock::service::RunZygote(paddock::service::kZygoteSocket, [](int task) {
    return paddock::service::ServeTask(task, paddock::kThisProgram).ok() ? 0 : 1;
  });
  if (end.ok()) return 0;
  std::cerr << "paddock-zygote: " << end.message() << "\n";
  return 1;
}
